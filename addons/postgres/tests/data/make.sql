-- Data that breaks things; the tests load it into a new server and compare after a restore. Of it, by PostgreSQL 15: cluster.sql (pg_dumpall
-- --no-role-passwords), inserts.sql (pg_dump --data-only --inserts shop), many.sql (--rows-per-insert=7).
CREATE ROLE app LOGIN PASSWORD 'old''s; secret';
CREATE ROLE "Weird; ""role" NOLOGIN;
GRANT app TO "Weird; ""role";
CREATE DATABASE shop OWNER app;
CREATE DATABASE empty;
CREATE DATABASE "we ird'd\b";
\connect shop
CREATE SCHEMA "S.x";
CREATE TABLE "S.x"."T ""q" (id bigint PRIMARY KEY, t text, b bytea, n numeric);
INSERT INTO "S.x"."T ""q" SELECT 9223372036854775807 - i, E'line\n\\.\ttab \\ ü 漢 🙂 '' ; -- ' || i, decode(md5(i::text), 'hex'), 1e30 + i FROM generate_series(1, 50) i;
INSERT INTO "S.x"."T ""q" VALUES (1, '\.', NULL, 'NaN'), (2, '', '', 0), (3, E'\\.\n-- PostgreSQL database dump complete\n\\connect other', '\x00', 1);
CREATE TABLE big (id int GENERATED ALWAYS AS IDENTITY, v text);
INSERT INTO big (v) SELECT repeat('x', 60) || i FROM generate_series(1, 20) i;
CREATE TABLE nothing (a int);
CREATE TABLE nocolumns ();
INSERT INTO nocolumns DEFAULT VALUES;
CREATE TABLE parted (k int, v text) PARTITION BY RANGE (k);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
INSERT INTO parted SELECT i, 'p' || i FROM generate_series(0, 19) i;
CREATE TABLE parent (a int);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
CREATE SEQUENCE own START 42; SELECT nextval('own');
CREATE VIEW v AS SELECT id, t FROM "S.x"."T ""q" WHERE t LIKE '%;%';
CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM big;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$BEGIN NEW.v := NEW.v || '; $$ COPY x FROM stdin;
\.
'; RETURN NEW; END$body$;
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql BEGIN ATOMIC
 SELECT CASE WHEN $1 > 0 THEN 1 ELSE 2 END;
 SELECT $1 + 1;
END;
CREATE TRIGGER tr BEFORE UPDATE ON big FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE r AS ON DELETE TO nothing DO ALSO (INSERT INTO nothing VALUES (1); INSERT INTO nothing VALUES (2));
COMMENT ON TABLE big IS E'-- PostgreSQL database dump complete\n/* ; '' "';
SELECT lo_from_bytea(0, decode(repeat('00ff5c27', 60), 'hex'));
SELECT lo_from_bytea(0, 'second');
ALTER TABLE big OWNER TO app;
GRANT SELECT ON v TO app;
ALTER ROLE app SET search_path = public, "S.x";
\connect -reuse-previous=on "dbname='we ird\'d\\b'"
CREATE TABLE public.t (a int); INSERT INTO t VALUES (1), (2);
