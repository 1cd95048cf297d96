"""Members with roles, keys that differ, what keys did, and webhooks; triggers stand beside."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

BACK = """
DROP TRIGGER an_owner_is_left ON accounts_membership;
DROP TRIGGER membership_stands ON accounts_membership;
DROP TRIGGER key_stands ON accounts_apikey;
DROP TRIGGER review_stands ON accounts_livereview;
DROP TRIGGER logged_request_stands ON accounts_loggedrequest;
DROP TRIGGER webhook_attempt_stands ON accounts_webhookattempt;
DROP FUNCTION accounts_an_owner_is_left, accounts_membership_stands, accounts_key_stands,
    accounts_review_stands, accounts_line_stands;
"""

# Whoever was there before: the first member owns, test keys open what test keys can, and what
# the city had entered is reviewed.
BEFORE = """
UPDATE accounts_membership m SET role = 'owner' WHERE id = (
    SELECT min(id) FROM accounts_membership WHERE organisation_id = m.organisation_id
);
UPDATE accounts_apikey SET scopes = '["contributions:read", "contributions:write", "webhooks:read"]'
WHERE NOT live;
UPDATE accounts_apikey SET scopes = '["*"]' WHERE live AND scopes = '[]';
UPDATE accounts_organisation SET live_since = created_at;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('developer', 'Developer'), ('viewer', 'Viewer')], max_length=12)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='LiveReview',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(max_length=1000)),
                ('state', models.CharField(choices=[('asked', 'waiting for review'), ('approved', 'approved'), ('declined', 'declined')], default='asked', max_length=10)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=1000)),
            ],
        ),
        migrations.CreateModel(
            name='LoggedRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('method', models.CharField(max_length=8)),
                ('path', models.CharField(max_length=200)),
                ('status', models.PositiveSmallIntegerField()),
                ('latency_ms', models.PositiveIntegerField()),
                ('body_bytes', models.BigIntegerField(null=True)),
                ('body_sha256', models.CharField(blank=True, max_length=64)),
                ('problem', models.CharField(blank=True, max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('outcome', models.CharField(max_length=30)),
                ('latency_ms', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('url', models.URLField(max_length=500)),
                ('kinds', models.JSONField(default=list)),
                ('secret', models.BinaryField()),
                ('old_secret', models.BinaryField(null=True)),
                ('old_secret_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('failing_since', models.DateTimeField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disabled_for', models.CharField(blank=True, max_length=20)),
                ('removed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('event', models.UUIDField()),
                ('kind', models.CharField(max_length=80)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('delivered', 'delivered'), ('failed', 'given up')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('next_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('claim', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='apikey',
            name='name',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='apikey',
            name='successor',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='predecessor', to='accounts.apikey'),
        ),
        migrations.AddField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('owner', 'Owner'), ('developer', 'Developer'), ('viewer', 'Viewer')], default='developer', max_length=12),
        ),
        migrations.AddField(
            model_name='organisation',
            name='live_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('live', True), ('scopes__contained_by', ['contributions:read', 'contributions:write', 'webhooks:read']), _connector='OR'), name='a_test_key_opens_little'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('scopes', []), _negated=True), name='a_key_opens_something'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'developer', 'viewer'])), name='member_role_known'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='livereview',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livereview',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livereview',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='live_reviews', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='loggedrequest',
            name='key',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='accounts.apikey'),
        ),
        migrations.AddField(
            model_name='loggedrequest',
            name='organisation',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='webhookmessage',
            name='endpoint',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='accounts.webhookendpoint'),
        ),
        migrations.AddField(
            model_name='webhookattempt',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='accounts.webhookmessage'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organisation', 'email'), name='invited_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='invitation_email_is_lower'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'developer', 'viewer'])), name='invitation_role_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), ('ended_at__isnull', False), _connector='OR'), name='an_accepted_invitation_is_over'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), models.Q(('email', ''), _negated=True)), models.Q(('email', ''), ('ended_at__isnull', False)), _connector='OR'), name='an_address_is_kept_while_needed'),
        ),
        migrations.AddConstraint(
            model_name='livereview',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('organisation',), name='one_review_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='livereview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'asked')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'declined'])), _connector='OR'), name='a_review_is_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='livereview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='a_refusal_says_why'),
        ),
        migrations.AddConstraint(
            model_name='livereview',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='nobody_reviews_themselves'),
        ),
        migrations.AddIndex(
            model_name='loggedrequest',
            index=models.Index(fields=['organisation', '-at', '-id'], name='requests_of_organisation'),
        ),
        migrations.AddIndex(
            model_name='loggedrequest',
            index=models.Index(fields=['key', '-at', '-id'], name='requests_of_key'),
        ),
        migrations.AddIndex(
            model_name='loggedrequest',
            index=models.Index(fields=['at'], name='requests_by_age'),
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(fields=['organisation', 'created_at'], name='webhooks_of_firm'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('old_secret', None), ('old_secret_until', None)), models.Q(('old_secret__isnull', False), ('old_secret_until__isnull', False)), _connector='OR'), name='an_old_secret_ends'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_at', None), ('disabled_for', '')), models.Q(('disabled_at__isnull', False), models.Q(('disabled_for', ''), _negated=True)), _connector='OR'), name='an_endpoint_is_disabled_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('kinds', []), _negated=True), name='an_endpoint_hears_something'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['next_at'], name='webhook_due'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(fields=['endpoint', '-created_at'], name='webhook_messages'),
        ),
        migrations.AddConstraint(
            model_name='webhookmessage',
            constraint=models.UniqueConstraint(fields=('endpoint', 'event'), name='told_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'waiting')), models.Q(('ended_at__isnull', False), ('state__in', ['delivered', 'failed'])), _connector='OR'), name='a_message_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookattempt',
            constraint=models.UniqueConstraint(fields=('message', 'number'), name='attempt_once'),
        ),
        migrations.RunSQL(SQL, BACK),
    ]
