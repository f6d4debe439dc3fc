"""A rulebook, from a folder or from the store: checked against its schemas and its own cross-references."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from engine.errors import Fault, Faults
from engine.rulebook import FILES, Rulebook, parse_rulebook
from intake.dated_checks import check_law, check_policy
from intake.documents import Document, document_of, read_document
from intake.rulebook_checks import check_offers, check_tariffs, check_words
from intake.shapes import check_shape


def read_rulebook(directory: Path) -> Rulebook:
    """The rulebook of a folder. Raises Faults (every one, with file:line); OSError when the folder cannot be read."""
    documents, faults = _read_documents(directory)
    return _checked(documents, faults)


def check_rulebook(texts: Mapping[str, str]) -> Rulebook:
    """The rulebook of texts that were kept, under the checks of today. Raises Faults as for a folder."""
    missing = [_missing(name) for name in FILES if name not in texts]
    return _checked({name: document_of(texts[name].encode(), name) for name in FILES if name in texts}, missing)


def _checked(documents: Mapping[str, Document], faults: Iterable[Fault]) -> Rulebook:
    shapes = {name: check_shape(document, _kind(name)) for name, document in documents.items()}
    found = [*faults, *(fault for some in shapes.values() for fault in some)]
    found += _meaning({name: documents[name] for name, some in shapes.items() if not some})
    if found:
        raise Faults(found)
    return parse_rulebook({name: document.text for name, document in documents.items()})


def _read_documents(directory: Path) -> tuple[dict[str, Document], list[Fault]]:
    directory.joinpath(".").stat()
    documents, faults = {}, []
    for name in FILES:
        try:
            documents[name] = read_document(directory / name, name)
        except FileNotFoundError:
            faults.append(_missing(name))
        except Faults as found:
            faults += found.faults
    return documents, faults


def _missing(name: str) -> Fault:
    return Fault("file-missing", f"{name}:1", "the rulebook has no such file", ", ".join(FILES))


def _kind(name: str) -> str:
    return "texts" if name.startswith("texts/") else name.removesuffix(".toml").split("-")[0]


def _meaning(documents: dict[str, Document]) -> Iterator[Fault]:
    for name, document in documents.items():
        if name == "policy.toml":
            yield from check_policy(document)
        elif _kind(name) == "law":
            yield from check_law(document)
        elif _kind(name) == "texts":
            yield from check_words(document)
        elif name == "tariffs.toml":
            yield from check_tariffs(document)
        elif name == "offers.toml" and "devices.toml" in documents:
            yield from check_offers(document, documents["devices.toml"])
