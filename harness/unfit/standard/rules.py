"""The kit's own standard: the rules, with how each is tried, broken and half mended."""

from __future__ import annotations

from typing import Final

from unfit.standard.rule_records import Rule, Standard

__all__ = ["STANDARD"]

_LEAKAGE = "Kapoor & Narayanan, Leakage and the reproducibility crisis, Patterns 2023"
_TEST_SCORE = "Breck et al., The ML Test Score, IEEE Big Data 2017"
_DEBT = "Sculley et al., Hidden technical debt in machine learning systems, NeurIPS 2015"
_SRE = "Beyer et al., Site Reliability Engineering, O'Reilly 2016"

_LEARNING = (
    Rule(
        id="known-then",
        family="Learning",
        sentence="What is learnt or computed for a moment uses only what was known at that moment.",
        source=f"{_LEAKAGE}, types L2 and L3.1",
        experiments=("learns_the_same", "judges_the_same"),
        operators=(
            "add a column that is filled later to the features",
            "split dated rows at random",
            "centre a rolling window, or average over all of the history",
            "join the table of today instead of the row in force then",
        ),
        wrong_fixes=(
            "blank the column when predicting, and learn from it still",
            "sort, and do not keep the sorted table",
            "keep the days out of the test and not out of the averages",
        ),
        narrowings=(
            "hide the column in a share of the training rows",
            "mend training and leave the evaluation, or the other way round",
            "cut between rows of one day",
            "mend one of two columns that are filled later",
        ),
    ),
    Rule(
        id="kept-apart",
        family="Learning",
        sentence="Rows that a model is judged on have taught it nothing: not its fit, not the choice of features, "
        "not resampling, not a threshold.",
        source=f"{_LEAKAGE}, types L1.1 to L1.4",
        experiments=("judges_the_same",),
        operators=(
            "fit a scaler, an imputer or a selection on all rows",
            "resample before the split",
            "choose a threshold on the rows that are reported",
        ),
        wrong_fixes=(
            "fit again on the held-out rows",
            "split first, and fill from both parts together",
        ),
        narrowings=(
            "fit the scaler on the training rows and the imputer on all",
            "mend it in the folds and not in the last hold-out",
            "mend it for one column",
        ),
    ),
    Rule(
        id="one-side",
        family="Learning",
        sentence="What belongs together, such as one person, one device or one copy, is never on both sides of a "
        "split.",
        source=f"{_LEAKAGE}, types L1.4 and L3.2",
        experiments=("on_one_side", "judges_the_same"),
        operators=("split rows instead of groups", "copy rows before the split"),
        wrong_fixes=("drop rows that are equal in all columns", "write group-wise folds and fit on all rows"),
        narrowings=("keep groups together in some folds", "keep together only who comes twice in a row"),
    ),
    Rule(
        id="settled",
        family="Learning",
        sentence="An outcome that cannot be known yet is not an outcome: it is neither learnt from nor counted.",
        source=f"{_TEST_SCORE}, Data tests; label maturity in credit scoring",
        experiments=("judges_the_same",),
        operators=(
            "read an empty outcome as a good one",
            "leave no gap between training and the held-out days",
        ),
        wrong_fixes=("fill the outcome with the most frequent one",),
        narrowings=("leave out unknown outcomes in training and count them in the figure", "half of the gap"),
    ),
    Rule(
        id="counts-once",
        family="Learning",
        sentence="What was sent twice or corrected counts once, as it was last corrected.",
        source="Batini & Scannapieco, Data and Information Quality, Springer 2016",
        experiments=("learns_the_same", "answers_the_same"),
        operators=("append corrections to what they correct", "keep the first line instead of the last"),
        wrong_fixes=("drop lines that are equal in all columns",),
        narrowings=(
            "mend training and not the evaluation",
            "keep the last line in the file, not the last by date",
        ),
    ),
    Rule(
        id="one-meaning",
        family="Learning",
        sentence="A code, a unit and an empty field mean what the data card says, in training and in service alike.",
        source=f"{_DEBT}; {_TEST_SCORE}, Monitor 3",
        experiments=("answers_the_same", "learns_the_same"),
        operators=("read a code for missing as a number", "compute a feature by two pieces of code"),
        wrong_fixes=("drop the rows that carry the code", "clip the code into the range"),
        narrowings=("replace the code in training only", "replace it in one of three columns"),
    ),
    Rule(
        id="representative",
        family="Learning",
        sentence="What is learnt from and judged on stands for what the service will meet; where it does not, the "
        "figure says so.",
        source=f"{_LEAKAGE}, type L3.3",
        operators=(
            "judge by the cases that the old rule chose",
            "hold out the end of a file that is sorted by group",
        ),
        wrong_fixes=("weight the chosen cases by the features that are known",),
        narrowings=("judge rightly and choose the threshold on chosen cases",),
    ),
)

_FIGURES = (
    Rule(
        id="figure-follows",
        family="Figures",
        sentence="A figure can be recomputed from the held-out rows that are reported with it.",
        source=f"{_TEST_SCORE}, Infra 2; ACM, Artifact Review and Badging, 2020",
        experiments=("figure_follows",),
        operators=("swap truth and prediction", "report rows of another run than the figure's"),
        wrong_fixes=("write the recomputed figure and keep the rows of one fold",),
        narrowings=("right for one fold, an average of folds for several", "right while no row is left out"),
    ),
    Rule(
        id="fit-for-purpose",
        family="Figures",
        sentence="The headline is the figure that the decision rests on, in its unit and at its operating point.",
        source=f"{_TEST_SCORE}, Model 2",
        operators=("report accuracy of a rare event", "report an error of logarithms as money"),
        wrong_fixes=("balance the classes and report accuracy still",),
        narrowings=("right at one size of the operating point",),
    ),
    Rule(
        id="as-in-service",
        family="Figures",
        sentence="Rows are judged as they would have been served: by the same code, at the same moment, with the same "
        "gaps.",
        source=f"{_TEST_SCORE}, Monitor 3; Zinkevich, Rules of Machine Learning, 2017, rules 29 and 32",
        experiments=("judges_the_same",),
        operators=(
            "evaluate on cleaned rows and serve raw ones",
            "evaluate with fields that service leaves empty",
        ),
        wrong_fixes=("clean the served rows by what is known of the batch",),
        narrowings=("judge as served where a field is missing, and with it where it is there",),
    ),
    Rule(
        id="uncertainty",
        family="Figures",
        sentence="A figure for a group comes with an interval that is honest for the group's size, and no group is "
        "left out for being small.",
        source="Wilson, Probable inference, JASA 1927; Mitchell et al., Model cards, FAccT 2019",
        operators=("drop groups under thirty", "take the width from the whole table"),
        wrong_fixes=("pool small groups under one name",),
        narrowings=("honest but for a group in which all are alike",),
    ),
)

_ANSWERS = (
    Rule(
        id="one-for-one",
        family="Answers",
        sentence="Each request gets exactly one answer, in the order of the requests.",
        source=f"{_SRE}; contract of the service",
        experiments=("one_for_one",),
        operators=("join with a table that lacks or repeats keys", "drop what cannot be read"),
        wrong_fixes=("append what is missing at the end",),
        narrowings=("whole for a batch, an error for none or for one", "right while no id is repeated"),
    ),
    Rule(
        id="independent",
        family="Answers",
        sentence="An answer does not depend on who else asks, on the order of fields or requests, or on fields that "
        "the service does not know.",
        source=f"{_TEST_SCORE}, Monitor 3",
        experiments=("alone_as_in_company", "any_form"),
        operators=(
            "fill gaps from the batch",
            "number categories anew in each batch",
            "read fields by position",
        ),
        wrong_fixes=("fill with zero", "append a fixed row to each batch"),
        narrowings=(
            "right for known categories only, until an unknown one is in the batch",
            "right for big batches only",
            "right for one field",
            "right while everything in the batch can be read",
        ),
    ),
    Rule(
        id="set-aside",
        family="Answers",
        sentence="What cannot be read, or cannot be true by the data card, is set aside and marked, and the others are "
        "answered as usual. No made-up value goes out as an answer.",
        source=f"{_TEST_SCORE}, Monitor 2; Breck et al., Data validation for machine learning, MLSys 2019",
        experiments=("set_aside",),
        operators=(
            "answer one half where reading fails",
            "check no range",
            "let an empty field pass every range",
        ),
        wrong_fixes=(
            "clip values into their range",
            "treat the unreadable as empty",
            "refuse the whole batch",
        ),
        narrowings=(
            "for texts, and not for truth values, lists or numbers without end",
            "for one field",
            "below the range and not above it",
            "in a batch and not alone",
        ),
    ),
    Rule(
        id="newcomers",
        family="Answers",
        sentence="What the service meets for the first time, such as a category, a person or a place, is answered on "
        "the rest or set aside, as the documents say. It stops no other answer and never vanishes.",
        source=f"{_TEST_SCORE}, Infra 7; {_SRE}, chapter 22",
        experiments=("answered_on_the_rest", "set_aside"),
        operators=("join inside with the register", "look an unknown key up without a default"),
        wrong_fixes=("add the newcomer with zeros", "answer with the mean of the others"),
        narrowings=(
            "for an empty key and not for an unknown one",
            "compared with the list in the documents and not with what training met",
            "for one of several fields",
        ),
    ),
    Rule(
        id="upstream",
        family="Answers",
        sentence="When something that the service asks fails, hangs or is late, answers still come in time and say so, "
        "and they are normal again once it recovers.",
        source=f"{_SRE}, chapter 22; Nygard, Release It!, 2018",
        experiments=("comes_in_time", "answered_without", "normal_again"),
        operators=("ask without a deadline", "catch one error of several", "keep the answer given in need"),
        wrong_fixes=("ask again before giving up", "measure the time after the answer came"),
        narrowings=(
            "in time for new callers and not for those who come back",
            "for errors and not for silence",
            "right, but never normal again",
        ),
    ),
    Rule(
        id="bounded",
        family="Answers",
        sentence="Memory and work per request are bounded by what the documents say, however many ask and for however "
        "long.",
        source=f"{_SRE}, chapter 21",
        experiments=("kept_at_most", "kept_for", "work_beyond"),
        operators=(
            "load the model for each request",
            "keep every answer for ever",
            "rank with a hundred models",
        ),
        wrong_fixes=("empty everything when it is full", "a bound far above the documented one"),
        narrowings=("bounded for known callers and not for strangers", "bounded until the model changes"),
    ),
    Rule(
        id="keyed",
        family="Answers",
        sentence="What is remembered is remembered under everything that it depends on, and giving one answer changes "
        "no other.",
        source=f"{_DEBT}",
        experiments=("kept_for", "alone_as_in_company", "unmoved"),
        operators=("leave the model's version out of the key", "hand out the list that is kept"),
        wrong_fixes=("let what is remembered run out sooner",),
        narrowings=(
            "forget on a new version and not when it is taken back",
            "right for those who had not asked before",
        ),
    ),
)

_RUNS = (
    Rule(
        id="same-again",
        family="Runs",
        sentence="The same data give the same model, the same answers and the same figures, in any process.",
        source=f"{_TEST_SCORE}, Infra 1",
        experiments=("same_again",),
        operators=("draw without a seed", "order columns by a set"),
        wrong_fixes=("seed one of two generators",),
        narrowings=("the same in one process and not in another", "the same model and another figure"),
    ),
    Rule(
        id="top-to-bottom",
        family="Runs",
        sentence="A notebook or job gives its result in a fresh process, run in order.",
        source="Pimentel et al., A large-scale study about quality and reproducibility of Jupyter notebooks, MSR 2019",
        operators=("use a name that a later cell defines",),
        wrong_fixes=("define the name with a stale value",),
        narrowings=("runs, with the result of another order",),
    ),
    Rule(
        id="whole-or-nothing",
        family="Runs",
        sentence="An output is the old one or the new one, whole, and a run that is repeated replaces it.",
        source=f"{_SRE}, chapter 25; Kleppmann, Designing Data-Intensive Applications, 2017",
        operators=("write in place", "append"),
        wrong_fixes=("delete first and write then", "copy over the old file at the end"),
        narrowings=("whole for the main file and not for the one beside it",),
    ),
    Rule(
        id="loud-failure",
        family="Runs",
        sentence="A run that did not do its work ends with an error code, says why, and leaves no sign of success.",
        source=f"{_SRE}, chapter 10",
        operators=("swallow every error", "end with 0"),
        wrong_fixes=("log the error and end with 0",),
        narrowings=("figures of a run that nobody got",),
    ),
    Rule(
        id="better-or-stay",
        family="Runs",
        sentence="A new model replaces the old one only where it is better on the same fresh data. Otherwise nothing "
        "changes.",
        source=f"{_TEST_SCORE}, Model 7 and Infra 5",
        operators=("put every refit in force",),
        wrong_fixes=("compare with the figure that the old model had then",),
        narrowings=("stays with the old model and moves what is stored beside it",),
    ),
    Rule(
        id="nothing-executed",
        family="Runs",
        sentence="Nothing that others can write is executed by loading it.",
        source="CWE-502, Deserialization of untrusted data",
        operators=("unpickle what lies on a share",),
        wrong_fixes=("forbid some modules", "look at the type after loading"),
        narrowings=("refuses one way of executing and not another",),
    ),
    Rule(
        id="private",
        family="Runs",
        sentence="Logs and artefacts hold nothing that names a person.",
        source="GDPR, article 5(1)(c); OWASP, Logging cheat sheet",
        operators=("log the record that failed",),
        wrong_fixes=("encode the name",),
        narrowings=("for the usual line and not for that of an error", "for one of two fields"),
    ),
)

_WATCH = (
    Rule(
        id="inputs-watched",
        family="Watch",
        sentence="A clear change of what comes in is noticed, and the field is named: its values, its share of empty "
        "ones, new categories.",
        source=f"{_TEST_SCORE}, Monitor 2",
        experiments=("notices",),
        operators=("write no monitor", "compare the window with itself", "drop the empty before comparing"),
        wrong_fixes=("note it and page nobody", "page for everything"),
        narrowings=("numbers and not categories", "means and not shares of the empty"),
    ),
    Rule(
        id="outputs-watched",
        family="Watch",
        sentence="A clear change of what goes out is noticed too, and so is a model that is too old, or one answer for "
        "everybody.",
        source=f"{_TEST_SCORE}, Monitor 4 and 6",
        experiments=("notices",),
        operators=("watch inputs only",),
        wrong_fixes=("compare the spread of the answers with zero",),
        narrowings=("for all answers alike and not for most of them",),
    ),
    Rule(
        id="outcomes-watched",
        family="Watch",
        sentence="Once outcomes are known, quality is watched. Outcomes that are not known are not counted as good.",
        source=f"{_TEST_SCORE}, Monitor 7",
        experiments=("wakes_exactly",),
        operators=("look at no outcome", "replace the yardstick each month"),
        wrong_fixes=("fill unknown outcomes",),
        narrowings=("counts outcomes on the day of the answer",),
    ),
    Rule(
        id="quiet",
        family="Watch",
        sentence="On ordinary days nobody is woken more than about once in a hundred.",
        source=f"{_SRE}, chapter 6; Benjamini & Hochberg, Controlling the false discovery rate, JRSS B 1995",
        experiments=("stays_quiet",),
        operators=("test each field at five per cent", "page for each row"),
        wrong_fixes=("page on a fixed distance, whatever the size", "page on every second alarm"),
        narrowings=("some tests corrected and one not", "quiet on days of one size"),
    ),
    Rule(
        id="numbers-for-on-call",
        family="Watch",
        sentence="Whoever is on call can read how many requests there were, how fast they were answered, how many fell "
        "back and why.",
        source=f"{_SRE}, chapter 6",
        experiments=("tells_truly",),
        operators=("count requests only",),
        wrong_fixes=("time a part of the request", "count what was asked for and not what was given"),
        narrowings=("right on ordinary requests and not while something is fetched",),
    ),
    Rule(
        id="brake",
        family="Watch",
        sentence="Where a wrong answer does harm that cannot be undone, the service stops or shrinks by itself at the "
        "limit that the runbook names.",
        source="SEC Rule 15c3-5; Zillow Group, shareholder letter of the third quarter of 2021",
        operators=("decide whatever became of the last decisions",),
        wrong_fixes=("widen the margin", "look at a signed error, in which both sides cancel"),
        narrowings=("wrong at exactly the limit",),
    ),
)

_PEOPLE = (
    Rule(
        id="even-handed",
        family="People",
        sentence="Who somebody is, or what tells it, decides nothing.",
        source="Barocas, Hardt & Narayanan, Fairness and Machine Learning, 2023",
        experiments=("learns_the_same",),
        operators=("keep the attribute", "keep what tells it"),
        wrong_fixes=("drop the attribute and keep what tells it", "weight the groups and keep both"),
        narrowings=("drop one of several columns that tell it",),
    ),
)

STANDARD: Final = Standard((*_LEARNING, *_FIGURES, *_ANSWERS, *_RUNS, *_WATCH, *_PEOPLE))
"""What holds in a bank that has no ``standard.toml``."""
