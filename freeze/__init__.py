"""Freeze Guard: nothing leaks, nothing is lost, nothing is claimed that was not confirmed.

The house, in the order a run walks through it:

    errors                                            the error tree
    accounts posts windows findings holds             values: frozen, pure
    ports                                             what a platform, a policy and a journal must do
    collect evaluate plan apply verify run            the run, one step a file
    freezes put_back identity mourning                what people declare, and the way back
    store/ report/ commands/ sandbox/                 memory, paper, words, and the simulated platforms
"""

__version__ = "0.1.0"
