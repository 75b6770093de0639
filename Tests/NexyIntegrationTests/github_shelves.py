"""What a fake GitHub holds, and what was asked of it."""

from dataclasses import dataclass, field

PERMISSIONS = {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}
DATE = "2026-02-25T12:00:00Z"


@dataclass(frozen=True)
class Entry:
    """A request; no value of a header is kept."""

    role: str
    method: str
    path: str
    headers: tuple[str, ...]
    status: int | None
    is_carried_out: bool
    # From the head of the request to the end of the answer.
    seconds: float
    # Bytes of the body.
    size: int

    @property
    def is_mutation(self) -> bool:
        return self.method in ("POST", "PATCH", "PUT", "DELETE")


@dataclass
class Asset:
    identifier: int
    name: str
    stored: str
    size: int = 0
    sha256: str = ""
    state: str = "starter"
    label: str = ""
    # What the API tells of it; None tells nothing, as for assets older than the member.
    digest: str | None = None
    created: str = DATE


@dataclass
class Release:
    identifier: int
    tag: str
    assets: list[Asset] = field(default_factory=list)
    is_draft: bool = False
    is_immutable: bool = False

    def named(self, name: str) -> Asset | None:
        return next((asset for asset in self.assets if asset.name == name), None)


@dataclass
class Shelves:
    """All that a request can change."""

    releases: list[Release] = field(default_factory=list)
    permissions: dict[str, bool] = field(default_factory=lambda: dict(PERMISSIONS))
    is_archived: bool = False
    # None answers 404, as where the setting is off.
    immutable_releases: dict | None = None
