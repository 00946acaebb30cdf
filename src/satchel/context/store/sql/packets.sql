-- The packets of one workspace and what happened next. Nothing else holds them, and nothing needs
-- them: a damaged file costs what was learned, and no answer.
CREATE TABLE packet (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- a number that was forgotten is not given again
    time    INTEGER NOT NULL,  -- seconds since the epoch, as every time here
    door    TEXT NOT NULL,     -- cli, mcp, hook, gateway, ask
    client  TEXT NOT NULL,     -- "" where it is not known, as for a session
    session TEXT NOT NULL,
    request TEXT NOT NULL,     -- masked
    tokens  INTEGER NOT NULL
);
CREATE INDEX packet_time ON packet (time);
CREATE VIRTUAL TABLE packet_terms USING fts5 (
    request,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE TABLE item (
    packet  INTEGER NOT NULL REFERENCES packet (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,  -- in the packet's order
    kind    TEXT NOT NULL,     -- file, test, record
    name    TEXT NOT NULL,     -- a path below the workspace's top, or a record's id
    symbols TEXT NOT NULL,     -- a JSON array
    PRIMARY KEY (packet, kind, name),
    CHECK (json_valid(symbols))
) WITHOUT ROWID;

-- What happened to an item; to a file that is no item: what the packet missed.
CREATE TABLE happening (
    packet INTEGER NOT NULL REFERENCES packet (id) ON DELETE CASCADE,
    kind   TEXT NOT NULL,      -- file, record
    name   TEXT NOT NULL,
    what   TEXT NOT NULL,      -- opened, edited, confirmed, pinned, superseded, forgotten
    time   INTEGER NOT NULL,   -- the first time
    PRIMARY KEY (packet, kind, name, what)
) WITHOUT ROWID;
CREATE INDEX happening_what ON happening (what, packet);
