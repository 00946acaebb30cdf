-- Identifiers are terms of their own ("get_user" beside "get" and "user"), and every file has its
-- terms counted. What an older index holds is dropped: the next reading fills it anew.
DELETE FROM meta;
DELETE FROM document;
DELETE FROM touch;
DELETE FROM revision;
DROP TABLE passage_vocabulary;
DROP TABLE passage_terms;
DROP TABLE revision_terms;

CREATE VIRTUAL TABLE passage_terms USING fts5 (
    symbol, path, body,
    content = '', contentless_delete = 1, tokenize = "porter unicode61 tokenchars '_'"
);
CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab (passage_terms, 'row');
CREATE VIRTUAL TABLE revision_terms USING fts5 (
    message,
    content = '', contentless_delete = 1, tokenize = "porter unicode61 tokenchars '_'"
);

CREATE TABLE document_terms (
    document INTEGER PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    length   INTEGER NOT NULL,    -- in terms
    counts   BLOB NOT NULL        -- store/counts.py
);
