"""Small faults planted in copies of the product, to see whether the tests notice (`make mutate`).

The faults are those of mutmut's operators: a number one higher, a comparison or an arithmetic or logical operator
swapped, `not` left out, `is` and `in` turned round, True for False, None for a value, an argument left out or None,
a string method's twin, a key or code in other letters, a case of a match left out, one arm of a conditional for both.

Not drawn: docstrings, sentences (a string with a space in it), what `help=` says, type annotations, imports and
`if TYPE_CHECKING`. Drawn by a printed seed over the packages, each in proportion to its lines and at least three of
each. Killed is counted against all that were drawn. A mutant without valid syntax, or whose module no longer imports,
is listed as unviable and is not counted as killed. A mutant whose tests take too long counts as killed.

Which tests can see a mutant comes from a run of every test under coverage (kept in .mutate, made again only for test
files that changed while the product did not). Tests that need PostgreSQL are left out, and tests that run only in
`make test-postgres` and the other lanes. A mutant meets as many of its tests as fit into a budget of seconds, those
of the test file of its module's name first; the report says how many of how many.
"""
