-- Which decisions a document holds: the first of a record's sources begins with its path.
CREATE INDEX record_decided ON record (sources) WHERE origin = 'decisions';
