"""The command line: ``python -m feedcast``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from feedcast.common import database, hours
from feedcast.common.errors import FeedcastError
from feedcast.common.journal import Journal
from feedcast.common.settings import settings
from feedcast.features.build import examples, known
from feedcast.features.days import days
from feedcast.forecast import sheets
from feedcast.monitoring import quality, releases
from feedcast.pipelines import forecast, housekeeping, inspection, nightly, training, weekly
from feedcast.registry import comparing, store
from feedcast.release import ci, rollback, rollout, windows
from feedcast.release.platform import Platform, WallClock
from feedcast.release.rehearsal import rehearsed
from feedcast.training.backtest import backtest

Command = Callable[[argparse.Namespace], None]


def _train(told: argparse.Namespace) -> None:
    print(training.run(told.data, told.registry, told.day))


def _backtest(told: argparse.Namespace) -> None:
    with database.reading(told.data) as connection:
        facts = known(connection, told.day)
    own = settings().learning
    found = backtest(examples(facts, hours.shifted(told.day, -own.days)), own.folds)
    print(f"{len(found.pairs)} hours, {found.mean_error:.1f} kW, {found.share:.1%}")


def _forecast(told: argparse.Namespace) -> None:
    rows = forecast.run(told.data, told.registry, told.version, told.day)
    print(sheets.feeders(told.out, told.day, rows))
    print(sheets.total(told.out, told.day, rows))


def _night(told: argparse.Namespace) -> None:
    places = nightly.Places(Path(told.data), Path(told.registry), Path(told.inbox), Path(told.out))
    print(nightly.run(places, told.version, told.day, Journal(Path(told.data) / "logs")))


def _weekly(told: argparse.Namespace) -> None:
    for line in weekly.run(Path(told.data), Path(told.out), told.day):
        print(line)


def _inspect(told: argparse.Namespace) -> None:
    for line in inspection.run(told.data, told.feeder, told.day):
        print(line.text())


def _housekeeping(told: argparse.Namespace) -> None:
    logs = Path(told.data) / "logs"
    removed = housekeeping.run(logs, Path(told.registry), told.running.split(","), told.day)
    print(*removed.months, *removed.versions)


def _versions(told: argparse.Namespace) -> None:
    for version in store.versions(told.registry):
        card = store.card_of(told.registry, version)
        print(f"{version}  {card['trained_on']}  {card['examples']} examples  {card['error_share']}")


def _compare(told: argparse.Namespace) -> None:
    for line in comparing.compared(told.registry, told.version, told.other).lines():
        print(line)


def _rehearse(told: argparse.Namespace) -> None:
    outcome, cluster = rehearsed(told.registry, told.version, told.failing)
    for event in cluster.events:
        print(event)
    print(outcome)


def _rollout(told: argparse.Namespace) -> None:
    outcome = rollout.run(told.registry, told.version, Platform.of_machine(), WallClock())
    print(outcome["outcome"], outcome["reason"])


def _rollback(_: argparse.Namespace) -> None:
    print(rollback.run(Platform.of_machine())["reason"])


def _window(told: argparse.Namespace) -> None:
    with database.reading(told.data) as connection:
        known_days = days(connection)
    answer = windows.may_begin(told.moment, known_days)
    print("yes" if answer.allowed else f"no: {answer.why}; next {windows.next_begin(told.moment, known_days)}")


def _jobs(told: argparse.Namespace) -> None:
    for job in ci.described({"occasion": told.occasion}):
        print(job["name"], *job["secrets"])


def _releases(told: argparse.Namespace) -> None:
    for one in releases.rollouts(Path(told.data) / "events"):
        print(one.line())


def _quality(told: argparse.Namespace) -> None:
    for finding in quality.look(told.data, told.day):
        print(finding.line())


def _migrate(told: argparse.Namespace) -> None:
    for name in database.migrate(told.data):
        print(name)


COMMANDS: dict[str, tuple[Command, tuple[str, ...]]] = {
    "train": (_train, ("day",)),
    "backtest": (_backtest, ("day",)),
    "forecast": (_forecast, ("version", "day")),
    "night": (_night, ("version", "day")),
    "weekly": (_weekly, ("day",)),
    "housekeeping": (_housekeeping, ("running", "day")),
    "inspect": (_inspect, ("feeder", "day")),
    "versions": (_versions, ()),
    "compare": (_compare, ("version", "other")),
    "rehearse": (_rehearse, ("version",)),
    "rollout": (_rollout, ("version",)),
    "rollback": (_rollback, ()),
    "window": (_window, ("moment",)),
    "jobs": (_jobs, ("occasion",)),
    "releases": (_releases, ()),
    "quality": (_quality, ("day",)),
    "migrate": (_migrate, ()),
}


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="feedcast")
    made.add_argument("--data", default="data")
    made.add_argument("--registry", default="registry")
    made.add_argument("--inbox", default="inbox")
    made.add_argument("--out", default="out")
    commands = made.add_subparsers(required=True)
    for name, (command, arguments) in COMMANDS.items():
        one = commands.add_parser(name)
        one.set_defaults(command=command)
        for argument in arguments:
            one.add_argument(argument)
        if name == "rehearse":
            one.add_argument("--failing", type=float, default=0.0)
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; what cannot be done is said on one line."""
    told = parser().parse_args(words)
    try:
        told.command(told)
    except FeedcastError as error:
        print(f"feedcast: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
