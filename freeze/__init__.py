"""Freeze Guard: nothing leaks, nothing is lost, nothing is claimed that was not confirmed.

The house, in the order a run walks through it:

    errors levelling                                   the error tree; text made safe where it comes in
    accounts posts windows findings holds              values: frozen, pure
    ports                                              what a platform, a policy and a journal must do
    collect evaluate plan apply verify run             the run, one step a file
    lanes sending settle records tally                 its inside: each platform's own queue, what a reading leads to
    freezes mourning put_back promises identity        what people declare, its dates, and the way back
    overdue adopt                                      what a platform did not publish; what an older store forgot
    permissions allowing roles whoami obeyed           what may still go out, who may say so, by whose settings
    tasks said clicks duty schedulers silence places   what only people can do, what they answer, how silent it is
    morning stale_words triage                         the morning after
    keeping watch nightly digest notify                what keeps the guard going, and what it tells each night
    calendar marks feeds                               the month, how each post stands on it, and what is subscribed to
    workdays regimes statutory answers elections       working days, due dates, pre-election dates
    request_log refresh                                requests for information; newer bank holidays
    settings discover app practice private fetched     one council's choices, put together for a command; its files
    store/ report/ commands/ sandbox/                  memory, paper, words, and the simulated platforms
"""

__version__ = "0.1.0"
SCHEMA = "freeze/1"
"""The shape of what `--json` prints."""
