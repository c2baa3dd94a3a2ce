"""The command line of all jobs: ``python -m reserve --help``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from reserve.common import database
from reserve.common.errors import ReserveError
from reserve.common.journal import Journal
from reserve.ingest import authority, customers, inbox, policies
from reserve.ledger import bookings
from reserve.pipelines import calibration, evaluation, finance, housekeeping, nightly, training, weekly
from reserve.registry import calibrations, comparing, store
from reserve.service import desk, levels
from reserve.service.app import App, server
from reserve.training.backtest import backtest, quarters
from reserve.training.examples import examples

DATA, REGISTRY, OUT = Path("data"), Path("registry"), Path("out")

Asked = argparse.Namespace


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reserve")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the database")
    parser.add_argument("--registry", type=Path, default=REGISTRY)
    parser.add_argument("--out", type=Path, default=OUT)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, (_, says) in VERBS.items():
        verb = verbs.add_parser(name, help=says)
        if name in {"train", "evaluate", "calibrate", "night", "weekly", "migrate", "trays", "backtest", "clean"}:
            verb.add_argument("day", help="as 2026-03-31")
        elif name == "promote":
            verb.add_argument("version")
        elif name == "finance":
            verb.add_argument("month", help="as 2026-05")
        elif name == "compare":
            verb.add_argument("older")
            verb.add_argument("newer")
            verb.add_argument("day")
        elif name in {"claim", "explain"}:
            verb.add_argument("claim_id")
        elif name == "take-back":
            verb.add_argument("file", help="as terms-2026-03-31.csv")
        elif name == "load":
            verb.add_argument("kind", choices=["inbox", "terms", "vehicles", "merges", "bookings"])
            verb.add_argument("path", type=Path)
            verb.add_argument("day")
    return parser


def _train(asked: Asked) -> None:
    version = training.run(str(asked.data), str(asked.registry), asked.day)
    print(json.dumps(store.card_of(asked.registry, version), indent=1))


def _evaluate(asked: Asked) -> None:
    found = evaluation.run(str(asked.data), asked.day)
    print(f"mean error {found['mean_error']:.0f} EUR, adequacy {found['adequacy']:.3f}, {len(found['rows'])} claims")


def _calibrate(asked: Asked) -> None:
    calibration.run(str(asked.data), str(asked.registry), asked.day)


def _night(asked: Asked) -> None:
    asked.out.mkdir(parents=True, exist_ok=True)
    journal = Journal(asked.out / "journal.jsonl", "night")
    print(nightly.publish(str(asked.data), str(asked.registry), asked.day, asked.out, journal), "answers")


def _weekly(asked: Asked) -> None:
    print(weekly.run(str(asked.data), asked.day, asked.out))


def _promote(asked: Asked) -> None:
    store.promote(str(asked.registry), asked.version)


def _versions(asked: Asked) -> None:
    for version in store.versions(asked.registry):
        card = store.card_of(asked.registry, version)
        print(version, card["trained_on"], card["examples"], "claims, mean cost", card["mean_cost"])
    for one in calibrations.kept(asked.registry):
        print("calibration", one.made_on, one.model, json.dumps(one.factors))
    print("in force:", store.in_force(asked.registry))


def _claim(asked: Asked) -> None:
    print(json.dumps(desk.answer(str(asked.data), str(asked.registry), asked.claim_id), indent=1))


def _explain(asked: Asked) -> None:
    print(json.dumps(desk.explained(str(asked.data), str(asked.registry), asked.claim_id), indent=1))


def _trays(asked: Asked) -> None:
    print(levels.summary(nightly.answered(str(asked.data), str(asked.registry), asked.day)[0]), end="")


def _finance(asked: Asked) -> None:
    print(json.dumps(finance.run(str(asked.data), asked.month, asked.out), indent=1))


def _backtest(asked: Asked) -> None:
    with database.reading(asked.data) as connection:
        first = database.one(connection, "SELECT MIN(notified_on) FROM claims")
        for period in backtest(connection, quarters(first, asked.day), asked.day):
            print(period.line())


def _compare(asked: Asked) -> None:
    with database.reading(asked.data) as connection:
        trained = store.load(asked.registry, asked.newer).trained_on
        many = [one for one in examples(connection, asked.day) if one.features.notified_on > trained]
    print(comparing.compared(asked.registry, asked.older, asked.newer, many).text())


def _clean(asked: Asked) -> None:
    journal = Journal(asked.out / "journal.jsonl", "clean")
    print(housekeeping.run(asked.out, asked.day, journal), "files deleted")


def _migrate(asked: Asked) -> None:
    print(", ".join(database.migrate(asked.data, asked.day)) or "nothing to do")


def _load(asked: Asked) -> None:
    journal = Journal(asked.out / "journal.jsonl", "load")
    with database.writing(asked.data) as connection:
        if asked.kind == "inbox":
            inbox.take(connection, asked.path, journal)
        elif asked.kind == "terms":
            policies.load(connection, asked.path, asked.day, journal)
        elif asked.kind == "bookings":
            bookings.load(connection, asked.path, journal)
        elif asked.kind == "vehicles":
            authority.load(connection, asked.path, journal)
        else:
            customers.load(connection, asked.path, journal)


def _take_back(asked: Asked) -> None:
    journal = Journal(asked.out / "journal.jsonl", "load")
    with database.writing(asked.data) as connection:
        print(policies.take_back(connection, asked.file, journal), "lines deleted")


def _serve(asked: Asked) -> None:
    server(App(str(asked.data), str(asked.registry))).serve_forever()


VERBS: dict[str, tuple[Callable[[Asked], None], str]] = {
    "train": (_train, "fit a new version on what is known on the evening of a day"),
    "evaluate": (_evaluate, "judge by folds"),
    "calibrate": (_calibrate, "make factors for the version in force"),
    "promote": (_promote, "let a version answer"),
    "versions": (_versions, "list versions and calibrations"),
    "night": (_night, "answer the claims of a day"),
    "weekly": (_weekly, "write the report of the week before a Monday"),
    "trays": (_trays, "sort the answers of a day by who may take them"),
    "finance": (_finance, "write the file of a month for finance"),
    "backtest": (_backtest, "say what models of earlier quarters would have said"),
    "compare": (_compare, "compare two versions on claims after the newer one was trained"),
    "clean": (_clean, "delete old files"),
    "claim": (_claim, "answer for one claim"),
    "explain": (_explain, "answer for one claim, with its parts"),
    "migrate": (_migrate, "bring the database up to date"),
    "load": (_load, "take what others have sent"),
    "take-back": (_take_back, "delete the terms that a wrong file brought"),
    "serve": (_serve, "answer the desk's screen"),
}


def main() -> None:
    """Run one job; it ends with 1 and a line where it cannot be done."""
    asked = _parser().parse_args()
    try:
        VERBS[asked.verb][0](asked)
    except ReserveError as error:
        print(f"{asked.verb}: {error}", file=sys.stderr)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
