"""Miners: what was decided, ruled, preferred or is so, found offline where people wrote it down.

A miner is a pure function from a source's text to statements (`Mined`); `keep` makes records of
them. Each says what it read and what it left.
"""
