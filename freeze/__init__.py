"""Freeze Guard: nothing leaks, nothing is lost, nothing is claimed that was not confirmed.

The house, in the order a run walks through it:

    errors                                            the error tree
    accounts posts windows findings holds             values: frozen, pure
    ports                                             what a platform, a policy and a journal must do
    collect evaluate plan apply verify run            the run, one step a file
    freezes put_back identity mourning                what people declare, and the way back
    workdays regimes statutory elections request_log  working days, due dates, requests for information
    keeping watch nightly digest notify               what keeps the guard going, and what it tells each night
    calendar marks feeds                              the month, how each post stands on it, and what is subscribed to
    tasks said clicks duty schedulers silence         what only people can do, what they answer, how silent it is
    store/ report/ commands/ sandbox/                 memory, paper, words, and the simulated platforms
"""

__version__ = "0.1.0"
SCHEMA = "freeze/1"
"""The shape of what `--json` prints."""
