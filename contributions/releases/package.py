"""Descriptions of releases: Data Package for tools that read tables, DCAT for catalogues. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]  # Any: JSON
Text = Mapping[str, str]

MEDIA_TYPES = {
    "data.csv": "text/csv",
    "data.parquet": "application/vnd.apache.parquet",
    "data.geojson": "application/geo+json",
    "datapackage.json": "application/json",
}
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "KOGL-1": "https://www.kogl.or.kr/info/licenseType1.do",
}


@dataclass(frozen=True)
class FileFacts:
    """A file as it is described: `size` in bytes, `sha256` in lowercase hex."""

    name: str
    size: int
    sha256: str


def licences(licence: str) -> list[Document]:
    """The licence by name, with its address where it is a known one."""
    address = LICENCES.get(licence)
    return [{"name": licence, **({"path": address} if address else {})}]


def data_package(
    *,
    name: str,
    version: str,
    title: Text,
    description: Text,
    licence: str,
    created: str,
    sources: Sequence[Document],
    fields: Sequence[Document],
    files: Sequence[FileFacts],
    measures: Document,
) -> Document:
    """A Frictionless Data Package; the CSV is its table, the others are files beside it."""
    resources: list[Document] = []
    for file in files:
        resource: Document = {
            "name": file.name.replace(".", "-"),
            "type": "file",
            "path": file.name,
            "mediatype": MEDIA_TYPES[file.name],
            "bytes": file.size,
            "hash": f"sha256:{file.sha256}",
        }
        if file.name == "data.csv":
            resource |= {
                "type": "table",
                "format": "csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": list(fields),
                    "missingValues": [""],
                    "primaryKey": [fields[0]["name"]],
                },
            }
        resources.append(resource)
    return {
        "name": name,
        "version": version,
        "title": title["en"],
        "description": description["en"],
        "titles": dict(title),
        "descriptions": dict(description),
        "created": created,
        "licenses": licences(licence),
        "sources": list(sources),
        "resources": resources,
        "dure": measures,
    }


CONTEXT: Document = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ACCESS = "http://publications.europa.eu/resource/authority/access-right/"


def bilingual(text: Text) -> list[Document]:
    """A literal in each language."""
    return [{"@value": text[language], "@language": language} for language in ("ko", "en")]


def moment(text: str) -> Document:
    return {"@value": text, "@type": "xsd:dateTime"}


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of one release; `address` is its absolute URL ending in a slash."""

    address: str
    identifier: str
    version: str
    title: Text
    description: Text
    licence: str
    issued: str
    open: bool
    files: Sequence[FileFacts]


def dataset(entry: Entry) -> Document:
    """A dcat:Dataset with a dcat:Distribution per file (DCAT 3, W3C 2024)."""
    return {
        "@id": entry.address,
        "@type": "dcat:Dataset",
        "dcterms:identifier": entry.identifier,
        "dcterms:title": bilingual(entry.title),
        "dcterms:description": bilingual(entry.description),
        "dcterms:issued": moment(entry.issued),
        "dcat:version": entry.version,
        "dcterms:accessRights": {"@id": ACCESS + ("PUBLIC" if entry.open else "RESTRICTED")},
        "dcat:landingPage": {"@id": entry.address},
        "dcat:distribution": [_distribution(entry, file) for file in entry.files],
    }


def _distribution(entry: Entry, file: FileFacts) -> Document:
    address = f"{entry.address}files/{file.name}"
    known = LICENCES.get(entry.licence)
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dcterms:title": file.name,
        "dcat:accessURL": {"@id": entry.address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{MEDIA_TYPES[file.name]}"
        },
        "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"},
        "dcterms:license": {"@id": known} if known else {"dcterms:title": entry.licence},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
        },
    }


def catalogue(*, address: str, publisher: Text, entries: Sequence[Entry]) -> Document:
    """A dcat:Catalog of every release that can be had, as JSON-LD with its own context."""
    title = {"ko": "두레 공개판 목록", "en": "Dure releases"}
    about = {
        "ko": "시민과 기업이 기여한 도시 데이터의 공개판 목록입니다.",
        "en": "Releases of the city data that residents and firms contributed.",
    }
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "dcat:Catalog",
        "dcterms:title": bilingual(title),
        "dcterms:description": bilingual(about),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": bilingual(publisher)},
        "dcat:dataset": [dataset(entry) for entry in entries],
    }
