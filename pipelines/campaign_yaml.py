"""Parse the YAML of a campaign file, refusing whatever can be read in two ways."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pipelines.campaign_file import CampaignFile, Place, cause, dotted, shown

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.errors import CampaignError

# What YAML itself makes of a plain word or number. The text is read, not the type.
YAML_TAG = "tag:yaml.org,2002:"
NULL_TAG = f"{YAML_TAG}null"
PLAIN_TAGS = {
    NULL_TAG,
    *(f"{YAML_TAG}{kind}" for kind in ("str", "int", "float", "bool", "timestamp")),
    *(f"{YAML_TAG}{kind}" for kind in ("map", "seq", "merge", "value")),
}


def parse(path: Path) -> CampaignFile:
    """Return the campaign file at *path* as text with line numbers."""
    blank = CampaignFile(path)
    root = _compose(_text(blank), blank)
    if not isinstance(root, MappingNode):
        found = "is empty" if root is None else "is not a set of keys and values"
        raise blank.refuse(
            (), found, "start from a copy of a file in data/campaigns", line=None
        )
    reader = _Reader(blank)
    tree = reader.mapping(root, ())
    return CampaignFile(path, tree, reader.lines)


def parse_value(text: str, file: CampaignFile, place: Place) -> Any:
    """Return one value that stands by itself; scalars stay text, and null is None."""
    root = _compose(text, file)
    return None if root is None else _Reader(file).node(root, place)


def _text(file: CampaignFile) -> str:
    try:
        return file.path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise file.refuse(
            (), "is not UTF-8 text", "save it as a YAML file in UTF-8"
        ) from error
    except (OSError, ValueError) as error:
        wrong = f"cannot be read ({cause(error)})"
        raise file.refuse((), wrong, "check the path and its permissions") from error


def _compose(text: str, file: CampaignFile) -> Node | None:
    """Return the root node of *text*."""
    try:
        root = _composed(text)
    except MarkedYAMLError as error:
        raise _unreadable(error, file) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise file.refuse(
            (), "is not YAML", "save it as a plain YAML text file"
        ) from error
    return root


@functools.lru_cache(maxsize=4)
def _composed(text: str) -> Node | None:
    """Return the root node of *text*, which nobody changes."""
    root: Node | None = YAML(typ="safe", pure=True).compose(text)
    return root


def _unreadable(error: MarkedYAMLError, file: CampaignFile) -> CampaignError:
    mark = error.problem_mark
    return file.refuse(
        (),
        f"is not YAML ({error.problem})",
        "mend this line or the one above",
        line=mark.line + 1 if mark else None,
    )


@dataclass
class _Reader:
    """Turns nodes to plain dicts, lists and texts, and notes their lines."""

    file: CampaignFile
    lines: dict[Place, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def node(self, node: Node, place: Place) -> Any:
        self._check(node, place)
        if isinstance(node, MappingNode):
            return self.mapping(node, place)
        if isinstance(node, SequenceNode):
            return [
                self._noted(item, (*place, index))
                for index, item in enumerate(node.value)
            ]
        return None if str(node.tag) == NULL_TAG else str(node.value)

    def mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, place)
            here = (*place, key)
            if key in tree:
                raise self.file.refuse(
                    here,
                    f"stands here and on line {self.lines[here]}",
                    "keep one of the two",
                    line=_line(key_node),
                )
            self.lines[here] = _line(key_node)
            tree[key] = self.node(value_node, here)
        return tree

    def _noted(self, node: Node, place: Place) -> Any:
        self.lines[place] = _line(node)
        return self.node(node, place)

    def _key(self, node: Node, place: Place) -> str:
        if not isinstance(node, ScalarNode):
            raise self.file.refuse(
                place, "has a key that is no word", "write a word", line=_line(node)
            )
        self._check(node, place)
        return str(node.value)

    def _check(self, node: Node, place: Place) -> None:
        """Refuse aliases (also endless ones) and tags."""
        if id(node) in self.seen:
            raise self.file.refuse(
                place, "uses an alias (*)", "write the value out where it is needed"
            )
        self.seen.add(id(node))
        if str(node.tag) not in PLAIN_TAGS:
            raise self.file.refuse(
                place,
                f"has the tag {shown(str(node.tag))}",
                f"write the value of {dotted(place)} plainly",
                line=_line(node),
            )


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
