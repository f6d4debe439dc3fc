"""A rulebook folder: read, checked against its schemas and its own cross-references, every fault at once."""

from collections.abc import Iterator
from pathlib import Path

from engine.errors import Fault, Faults
from engine.rulebook import FILES, Rulebook, parse_rulebook
from intake.dated_checks import check_law, check_policy
from intake.documents import Document, read_document
from intake.rulebook_checks import check_offers, check_tariffs, check_words
from intake.shapes import check_shape


def read_rulebook(directory: Path) -> Rulebook:
    """The rulebook of a folder. Raises Faults (every one, with file:line); OSError when the folder cannot be read."""
    documents, faults = _read_documents(directory)
    shapes = {name: check_shape(document, _kind(name)) for name, document in documents.items()}
    faults += [fault for found in shapes.values() for fault in found]
    faults += _meaning({name: documents[name] for name, found in shapes.items() if not found})
    if faults:
        raise Faults(faults)
    return parse_rulebook({name: document.text for name, document in documents.items()})


def _read_documents(directory: Path) -> tuple[dict[str, Document], list[Fault]]:
    directory.joinpath(".").stat()
    documents, faults = {}, []
    for name in FILES:
        try:
            documents[name] = read_document(directory / name, name)
        except FileNotFoundError:
            faults.append(Fault("file-missing", f"{name}:1", "the rulebook has no such file", ", ".join(FILES)))
        except Faults as found:
            faults += found.faults
    return documents, faults


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
