"""A home that has seen sound extracts once, for tests to deliver more to.

What is delivered next is all that a run has to type anew, which keeps tests fast.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from pipelines.campaign import load_campaign
from pipelines.errors import CashbackError
from pipelines.paths import REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.reference.sound import CUT_OFF, Extracts

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.run import PublishedRun

# The sound extracts are delivered on 2019-08-01.
NEXT, LATER = "2019-08-05", "2019-08-09"
ANY_SHARE = Decimal(1)
WHAT_TO_DO = re.compile(
    r"(^|[;.] )(ask|check|deliver|give|keep|look|move|remove|report|run)\b[^;]*\.\Z",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass
class Scene:
    """A source and a home of one's own."""

    root: Path
    home: Path

    @property
    def source(self) -> Path:
        """Return the folder that deliveries are dropped in."""
        return self.root / "source"

    def copy(self, root: Path) -> Scene:
        """Return the same scene elsewhere, with nothing published yet."""
        shutil.copytree(self.source, root / "source")
        shutil.copytree(self.home, root / "home", ignore=shutil.ignore_patterns("runs"))
        return Scene(root, root / "home")

    def deliver(
        self, feed: str, content: bytes | str, name: str = "two.csv", on: str = NEXT
    ) -> Path:
        """Drop one file of the given bytes."""
        path = self.source / feed / on / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def rows(self, feed: str, *rows: dict[str, str], on: str = NEXT) -> Path:
        """Drop one file of the given rows."""
        return Extracts(self.root).write(feed, list(rows), delivery=on, name="two.csv")

    def request(self, **settings: Any) -> RunRequest:
        """Return what a run of this source into this home is asked for."""
        asked = {"source": str(self.source), "home": self.home, "known_at": CUT_OFF}
        return RunRequest(**asked | settings)

    def run(self, **settings: Any) -> PublishedRun:
        """Run, by default at the cut-off."""
        return run(self.request(**settings), Progress())

    def refusal(self, **settings: Any) -> str:
        """Run; return the sentence with which it is refused.

        Nothing is published, and no draft is left.
        """
        before = published(self.home)
        with pytest.raises(CashbackError) as refused:
            self.run(**settings)
        assert published(self.home) == before
        assert leftovers(self.home) == []
        assert refused.value.exit_code == 3
        message = str(refused.value)
        assert "nothing was published" in message
        assert says_what_to_do(message), message
        return message


def other_terms(root: Path, changes: dict[str, str]) -> str:
    """Write the shipped campaign with some terms changed; return its file."""
    terms = load_campaign("d365-smb-2019", changes).as_dict()
    terms["products"]["catalog"]["value"] = str(REFERENCE_DIR / "sku_catalog.csv")
    path = root / "other_terms.yaml"
    path.write_text(json.dumps(terms))
    return str(path)


def typed(
    home: Path,
    folder: str,
    name: str,
    feed: str = "license_usage",
    delivery: str = NEXT,
) -> list[dict[str, Any]]:
    """Return the rows that one file became, in ``validated`` or ``quarantine``."""
    path = home / folder / feed / f"delivery={delivery}" / f"{name}.parquet"
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return rows


def says_what_to_do(message: str) -> bool:
    """Tell whether a message is a sentence that ends with the next step."""
    return bool(WHAT_TO_DO.search(message)) and not message.endswith("..")


def published(home: Path) -> list[str]:
    """Return everything under runs/."""
    return sorted(str(path.relative_to(home)) for path in home.glob("runs/**/*"))


def leftovers(home: Path) -> list[Path]:
    """Return what lies in the work folder beside its gate."""
    return sorted(path for path in home.glob("work/*") if path.name != "gate")


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def sound_home(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return a scene in which one customer of one partner has qualified.

    It is for reading: a test that changes something takes a scene of its own.
    """
    root = tmp_path_factory.mktemp("sound")
    extracts = Extracts(root)
    for feed, rows in extracts.feeds.items():
        extracts.write(feed, rows)
    scene = Scene(root, root / "home")
    scene.run()
    return scene


@pytest.fixture
def scene(sound_home: Scene, tmp_path: Path) -> Scene:
    """Return a copy of the sound scene, with nothing published yet."""
    return sound_home.copy(tmp_path)
