"""Freeze Guard: nothing leaks, nothing is lost, nothing is claimed that was not confirmed.

The house, in the order a run walks through it:

    errors                                             the error tree
    accounts posts windows findings holds              values: frozen, pure
    ports                                              what a platform, a policy and a journal must do
    collect evaluate plan apply verify run             the run, one step a file
    lanes sending settle records tally                 its inside: each platform's own queue, what a reading leads to
    freezes mourning put_back identity                 what people declare, its dates, and the way back
    permissions allowing roles                         what may still go out, and who may say so
    tasks said clicks duty schedulers silence places   what only people can do, what they answer, how silent it is
    morning stale_words triage                         the morning after
    keeping watch nightly digest notify                what keeps the guard going, and what it tells each night
    calendar marks feeds                               the month, how each post stands on it, and what is subscribed to
    workdays regimes statutory answers elections       working days, due dates, pre-election dates
    request_log refresh                                requests for information; newer bank holidays
    settings discover app                              one council's choices, put together for a command
    store/ report/ commands/ sandbox/                  memory, paper, words, and the simulated platforms
"""

__version__ = "0.1.0"
SCHEMA = "freeze/1"
"""The shape of what `--json` prints."""
