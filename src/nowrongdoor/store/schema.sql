-- What must survive a power cut. One row per thing; times are UTC text that sorts as it reads; '' where nothing is known.

CREATE TABLE deployment (fingerprint TEXT NOT NULL);  -- of the secret that made the ids here: one row

CREATE TABLE file (
  number INTEGER PRIMARY KEY,          -- Origin.file from then on
  sha256 TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, "table" TEXT NOT NULL, sheet TEXT NOT NULL,
  as_of TEXT NOT NULL, read INTEGER NOT NULL, tables BLOB NOT NULL,
  UNIQUE (sha256, source, "table", sheet, as_of)
);

CREATE TABLE fact (
  source TEXT NOT NULL, person TEXT NOT NULL, packed BLOB NOT NULL,   -- all facts of one person, model.pack as JSON
  PRIMARY KEY (source, person)
);

CREATE TABLE cin (
  source TEXT NOT NULL, person TEXT NOT NULL, cin TEXT NOT NULL,
  PRIMARY KEY (source, person, cin)
) WITHOUT ROWID;
CREATE INDEX cin_people ON cin (cin, source, person);

CREATE TABLE draft (
  source TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  fhir_id TEXT NOT NULL UNIQUE, person TEXT NOT NULL, custodian TEXT NOT NULL, synthetic INTEGER NOT NULL,
  content BLOB NOT NULL, resource BLOB NOT NULL,
  stands INTEGER NOT NULL,             -- 0: dropped; the row stays, so that a key is never used twice
  PRIMARY KEY (source, kind, id)
);
CREATE INDEX draft_people ON draft (source, person, kind, id);

CREATE TABLE refusal (
  number INTEGER PRIMARY KEY,
  file INTEGER NOT NULL REFERENCES file (number), row INTEGER NOT NULL,
  digest TEXT NOT NULL, line BLOB NOT NULL,
  mended TEXT NOT NULL DEFAULT '',     -- how; '' = open
  UNIQUE (file, row)
);

CREATE TABLE hold (                    -- of open refusals only; person '*' is everybody of the source
  source TEXT NOT NULL, person TEXT NOT NULL,
  refusal INTEGER NOT NULL REFERENCES refusal (number) ON DELETE CASCADE,
  PRIMARY KEY (source, person, refusal)
) WITHOUT ROWID;
CREATE INDEX hold_refusal ON hold (refusal);

CREATE TABLE server (server TEXT PRIMARY KEY, habits BLOB NOT NULL);   -- what it was found to do, as JSON

CREATE TABLE ledger (                  -- what one server has of ours, and what is still under way to it
  server TEXT NOT NULL, id TEXT NOT NULL,
  server_id TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '',
  sent_hash TEXT NOT NULL DEFAULT '', base BLOB NOT NULL DEFAULT X'', acknowledged TEXT NOT NULL DEFAULT '',
  sending TEXT NOT NULL DEFAULT '',    -- hash of what may or may not have arrived
  state TEXT NOT NULL DEFAULT '',      -- sending, waiting, held, refused; '' = nothing to do
  attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL DEFAULT '', issue BLOB,
  PRIMARY KEY (server, id)
);
CREATE INDEX ledger_outbox ON ledger (server, id) WHERE state <> '';

CREATE TABLE disclosure (              -- append only: who was given what, when, and by which rule
  number INTEGER PRIMARY KEY,
  server TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, audience TEXT NOT NULL, rule TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX disclosure_id ON disclosure (id, server);
