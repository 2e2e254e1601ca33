-- After make.sql: what is large, at the edge of its type, or needs an extension.
\connect shop
CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('so', E'l\'x');
CREATE DOMAIN positive AS numeric CHECK (value > 0 OR value = 'NaN');
CREATE TABLE wide (id bigint PRIMARY KEY, t text, b bytea, n numeric, f double precision, ts timestamptz, d interval,
    h hstore, j jsonb, a text[], m mood, p positive, u uuid, up text GENERATED ALWAYS AS (upper(t)) STORED);
ALTER TABLE wide ALTER t SET STORAGE EXTERNAL;
-- rows of 8 MB of text and of 6 MB of bytes, which are 12 in a dump
INSERT INTO wide (id, t) SELECT n, string_agg(md5((n * i)::text), E'\\\t\n' ORDER BY i) FROM generate_series(1, 120000) i, generate_series(1, 2) n GROUP BY n;
INSERT INTO wide (id, b) SELECT 3, string_agg(sha256(i::text::bytea), '\x005c0a') FROM generate_series(1, 180000) i;
INSERT INTO wide (id, n, f, ts, d) VALUES
    (9223372036854775807, 1e1000 + 1e-1000, 'NaN', 'infinity', '-178000000 years'), (-9223372036854775808, -99999999999999999999.000000001, '-0', '-infinity', '1 mon -1 day'),
    (0, 'NaN', 5e-324, '0044-03-15 12:00:00 BC', '0.000001 s'), (9007199254740993, 9007199254740993, 1.7976931348623157e308, '294276-12-31', NULL);
INSERT INTO wide (id, t, h, j, a, m, p, u) VALUES
    (10, E'\x01\b\f\r\n\t\v\x1f\x7f\u0085\u2028\uFEFF\U0010FFFF', 'a=>NULL, "b\"=>"=>"\\"', '{"n": 123456789012345678901234567890.10, "s": "\u001f\\"}',
     ARRAY['{"', NULL, 'NULL', E'\\.'], E'l\'x', 0.1, 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    (11, '\N', '', 'null', '{}', 'so', 'NaN', NULL), (12, E'e\u0301 \u00e9 👩‍👩‍👧 עברית ' || U&'\FB1D', NULL, '[]', '{{1,2},{3,4}}', NULL, NULL, NULL);
SELECT lo_from_bytea(424242, (SELECT b FROM wide WHERE id = 3));
-- what refers to one another, and what hides rows
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
BEGIN; INSERT INTO a VALUES (1, 2); INSERT INTO b VALUES (2, 1); COMMIT;
CREATE TABLE secret (owner text, v text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON secret USING (owner = current_user);
INSERT INTO secret VALUES ('nobody', 'x'), ('app', 'y');
CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM nextval(''own''); RETURN NEW; END';
CREATE TRIGGER counts AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION count_up();
CREATE VIEW vv AS SELECT v.t, w.up FROM v FULL JOIN wide w ON w.t = v.t;
CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM a';
CREATE SEQUENCE down INCREMENT -3 MAXVALUE -1 MINVALUE -9223372036854775808 CYCLE OWNED BY a.id;
SELECT setval('down', -9223372036854775807);
CREATE SEQUENCE serial_up MAXVALUE 9223372036854775807; SELECT setval('serial_up', 9223372036854775807);
