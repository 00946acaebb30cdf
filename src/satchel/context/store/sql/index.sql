-- The index of one workspace. All of it can be rebuilt from the workspace itself.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE document (
    id       INTEGER PRIMARY KEY,
    path     TEXT NOT NULL UNIQUE,
    role     TEXT,                -- NULL where the file was skipped
    language TEXT,
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode    INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    skipped  TEXT,
    masked   INTEGER NOT NULL
);

CREATE TABLE passage (
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    kind     TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    name     TEXT NOT NULL,
    start    INTEGER NOT NULL,
    stop     INTEGER NOT NULL,    -- the last line, inclusive
    text     TEXT NOT NULL
);
CREATE INDEX passage_document ON passage (document);

-- Terms only: the text itself stands in `passage`. Positions are kept (detail = full): without
-- them, bm25() of a table without content is 0 for every row.
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    symbol, path, body,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);
CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab (passage_terms, 'row');

-- Entities: what code defines. A file is the entity of its document.
CREATE TABLE definition (
    id       INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    passage  INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL COLLATE NOCASE,
    symbol   TEXT NOT NULL,
    start    INTEGER NOT NULL,
    stop     INTEGER NOT NULL
);
CREATE INDEX definition_name ON definition (name);
CREATE INDEX definition_document ON definition (document);

-- A name that a passage uses. It is resolved against `definition` when it is asked for, so that
-- an edit on one side never leaves a stale edge on the other.
CREATE TABLE reference (
    passage  INTEGER NOT NULL,
    name     TEXT NOT NULL COLLATE NOCASE,
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    count    INTEGER NOT NULL,
    PRIMARY KEY (passage, name)
) WITHOUT ROWID;
CREATE INDEX reference_name ON reference (name);
CREATE INDEX reference_document ON reference (document);

CREATE TABLE import (
    document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    module   TEXT NOT NULL,
    target   INTEGER              -- the document that it names, where that is one of ours
);
CREATE INDEX import_document ON import (document);
CREATE INDEX import_target ON import (target);

CREATE TABLE fact (
    document  INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    subject   TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value     TEXT NOT NULL,
    line      INTEGER NOT NULL
);
CREATE INDEX fact_document ON fact (document);

CREATE TABLE revision (
    id      INTEGER PRIMARY KEY,
    sha     TEXT NOT NULL UNIQUE,
    time    INTEGER NOT NULL,
    author  TEXT NOT NULL,
    subject TEXT NOT NULL,
    body    TEXT NOT NULL
);
CREATE TABLE touch (
    revision INTEGER NOT NULL REFERENCES revision (id) ON DELETE CASCADE,
    path     TEXT NOT NULL,
    PRIMARY KEY (revision, path)
) WITHOUT ROWID;
CREATE INDEX touch_path ON touch (path);
CREATE VIRTUAL TABLE revision_terms USING fts5 (
    message,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61'
);

-- Vectors join when they are ready; an answer never waits for them.
CREATE TABLE vector (
    passage INTEGER PRIMARY KEY REFERENCES passage (id) ON DELETE CASCADE,
    value   BLOB NOT NULL         -- float16, unit length
);

-- The knowledge graph as one relation, for whoever wants to walk it with plain SQL.
CREATE VIEW relation (source, kind, target, weight) AS
    SELECT d.path, 'defines', d.path || '#' || e.symbol, 1.0
      FROM definition e JOIN document d ON d.id = e.document
    UNION ALL
    SELECT s.path, 'imports', t.path, 1.0
      FROM import i JOIN document s ON s.id = i.document JOIN document t ON t.id = i.target
    UNION ALL
    SELECT s.path, iif(s.role = 'prose', 'documents', 'references'), t.path || '#' || e.symbol,
           r.count
      FROM reference r
      JOIN document s ON s.id = r.document
      JOIN definition e ON e.name = r.name
      JOIN document t ON t.id = e.document
    UNION ALL
    SELECT a.path, 'changed-with', b.path, count(*)
      FROM touch a JOIN touch b ON b.revision = a.revision AND b.path <> a.path
     GROUP BY a.path, b.path;
