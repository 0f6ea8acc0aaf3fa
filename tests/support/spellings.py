"""Plain scalars that YAML readers read in different ways: numbers, booleans, times, and texts that are like them."""

from __future__ import annotations

WORDS = """
y Y n N yes no on off Yes NO true True tRue null ~ Null NULL
08 09 010 017 -017 +017 00 000 0777 0888 -08 +08 08.5 010.5 09e2 0_7 0_8 00_7 0__7 07_7
0o17 0O17 0o8 0o -0o17 +0o17 0o_7 0o1_7 0x1F 0X1f 0xg 0x -0x1f +0x1F -0X1F 0x_1f 0x1_F 0x1.8p1 1p3
0b11 0B11 -0b11 +0b11 0b12 0b 0b_1 0b1_1
1:30 01:30 1:30:45 1:99 22:22 1:30.5 190:20:30.15 -1:30 +1:30 1:2:3:4 0:0 00:10 1:60 60:1 1:5_0 1_1:30 1:30:60 1:30:1.5
1e3 1E3 12e03 1.e3 1.5e3 1.5e+3 1.5E-3 1e+3 1e-3 1e-5 1.0e-5 123e-2 1_e3 1_0e3 1_0.0e+3 1e3.5 1e 1e+ e3 1d3 0e0 0e3 5e-1
.5 5. -.5 +.5 .5e3 .5e+3 5.e+3 +.5e+3 -.5e-3 . +. ._ ._5 .5_ .5_5 5_.5 1._ 1.5_0 0. 0.0 1.0 1.10 100 +1 -1 +0 -0
1_000 1_000.5 1__0 _1 1_ _ -1_000 inf nan NaN +inf -inf Infinity +.nan 2020-01-01 2020-1-1 1.2.3 1-2 +-1 --1
9007199254740991 3.14159265358979323846 4.9e-324 1.0e-400 1e-400 1,000 0x1for 1if 1_0j 1j
""".split()
"""Spellings that Helm accepts; those of numbers from 2**53 on are errors of migrate."""

TOO_LARGE = """
9007199254740992 18446744073709551616 0x8000000000000000 0xffffffffffffffffff 1e400 -1e400 1.0e+400 1.8e+308 1e309
12345678901234567.5 1.0e+21 .inf .Inf -.INF +.inf .nan .NaN .NAN
""".split()
