--
-- PostgreSQL database cluster dump
--

\restrict bKxZ5jyXPAdmnGbJ3eR6aHCvPkTXyWXWFJlj7CBInc10WTUlaoRuplKaMKQeKgu

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Roles
--

CREATE ROLE "Weird; ""role";
ALTER ROLE "Weird; ""role" WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE admin;
ALTER ROLE admin WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS;
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;

--
-- User Configurations
--

--
-- User Config "app"
--

ALTER ROLE app SET search_path TO 'public', 'S.x';


--
-- Role memberships
--

GRANT app TO "Weird; ""role" GRANTED BY admin;






\unrestrict bKxZ5jyXPAdmnGbJ3eR6aHCvPkTXyWXWFJlj7CBInc10WTUlaoRuplKaMKQeKgu

--
-- Databases
--

--
-- Database "template1" dump
--

\connect template1

--
-- PostgreSQL database dump
--

\restrict CV2xFexjdgggGuGfAxCE2Srahhd83KhFc8qF3JbfqK8ous7iyzHgLBW3fw7sq4x

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- PostgreSQL database dump complete
--

\unrestrict CV2xFexjdgggGuGfAxCE2Srahhd83KhFc8qF3JbfqK8ous7iyzHgLBW3fw7sq4x

--
-- Database "empty" dump
--

--
-- PostgreSQL database dump
--

\restrict udlCUmAqB6VBhBrnz6HKZFv3unMvxPK8nTr77677JYFwcKcqVzRzHIWH6nbfx7a

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: empty; Type: DATABASE; Schema: -; Owner: admin
--

CREATE DATABASE empty WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE empty OWNER TO admin;

\unrestrict udlCUmAqB6VBhBrnz6HKZFv3unMvxPK8nTr77677JYFwcKcqVzRzHIWH6nbfx7a
\connect empty
\restrict udlCUmAqB6VBhBrnz6HKZFv3unMvxPK8nTr77677JYFwcKcqVzRzHIWH6nbfx7a

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- PostgreSQL database dump complete
--

\unrestrict udlCUmAqB6VBhBrnz6HKZFv3unMvxPK8nTr77677JYFwcKcqVzRzHIWH6nbfx7a

--
-- Database "postgres" dump
--

\connect postgres

--
-- PostgreSQL database dump
--

\restrict kfc7rvpLVq1qmeHHv5NtwSs5kVszOm2J96u0suasqXkiqgVdVFP8MyBPookMgl5

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- PostgreSQL database dump complete
--

\unrestrict kfc7rvpLVq1qmeHHv5NtwSs5kVszOm2J96u0suasqXkiqgVdVFP8MyBPookMgl5

--
-- Database "shop" dump
--

--
-- PostgreSQL database dump
--

\restrict gRTDvhuC4eR1sm7ikyANoZVJsSFgdTeat87nBlMgUIyyLceTCGV9gFb9p2K7CwO

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: shop; Type: DATABASE; Schema: -; Owner: app
--

CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE shop OWNER TO app;

\unrestrict gRTDvhuC4eR1sm7ikyANoZVJsSFgdTeat87nBlMgUIyyLceTCGV9gFb9p2K7CwO
\connect shop
\restrict gRTDvhuC4eR1sm7ikyANoZVJsSFgdTeat87nBlMgUIyyLceTCGV9gFb9p2K7CwO

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: S.x; Type: SCHEMA; Schema: -; Owner: admin
--

CREATE SCHEMA "S.x";


ALTER SCHEMA "S.x" OWNER TO admin;

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: admin
--

CREATE FUNCTION public.f() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$BEGIN NEW.v := NEW.v || '; $$ COPY x FROM stdin;
\.
'; RETURN NEW; END$_$;


ALTER FUNCTION public.f() OWNER TO admin;

--
-- Name: g(integer); Type: FUNCTION; Schema: public; Owner: admin
--

CREATE FUNCTION public.g(integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN ($1 > 0) THEN 1
             ELSE 2
         END AS "case";
 SELECT ($1 + 1);
END;


ALTER FUNCTION public.g(integer) OWNER TO admin;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: T "q; Type: TABLE; Schema: S.x; Owner: admin
--

CREATE TABLE "S.x"."T ""q" (
    id bigint NOT NULL,
    t text,
    b bytea,
    n numeric
);


ALTER TABLE "S.x"."T ""q" OWNER TO admin;

--
-- Name: big; Type: TABLE; Schema: public; Owner: app
--

CREATE TABLE public.big (
    id integer NOT NULL,
    v text
);


ALTER TABLE public.big OWNER TO app;

--
-- Name: TABLE big; Type: COMMENT; Schema: public; Owner: app
--

COMMENT ON TABLE public.big IS '-- PostgreSQL database dump complete
/* ; '' "';


--
-- Name: big_id_seq; Type: SEQUENCE; Schema: public; Owner: app
--

ALTER TABLE public.big ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.big_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: parent; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.parent (
    a integer
);


ALTER TABLE public.parent OWNER TO admin;

--
-- Name: child; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.child (
)
INHERITS (public.parent);


ALTER TABLE public.child OWNER TO admin;

--
-- Name: mv; Type: MATERIALIZED VIEW; Schema: public; Owner: admin
--

CREATE MATERIALIZED VIEW public.mv AS
 SELECT count(*) AS count
   FROM public.big
  WITH NO DATA;


ALTER TABLE public.mv OWNER TO admin;

--
-- Name: nocolumns; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.nocolumns (
);


ALTER TABLE public.nocolumns OWNER TO admin;

--
-- Name: nothing; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.nothing (
    a integer
);


ALTER TABLE public.nothing OWNER TO admin;

--
-- Name: own; Type: SEQUENCE; Schema: public; Owner: admin
--

CREATE SEQUENCE public.own
    START WITH 42
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.own OWNER TO admin;

--
-- Name: parted; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.parted (
    k integer,
    v text
)
PARTITION BY RANGE (k);


ALTER TABLE public.parted OWNER TO admin;

--
-- Name: parted_1; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.parted_1 (
    k integer,
    v text
);


ALTER TABLE public.parted_1 OWNER TO admin;

--
-- Name: parted_2; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.parted_2 (
    k integer,
    v text
);


ALTER TABLE public.parted_2 OWNER TO admin;

--
-- Name: v; Type: VIEW; Schema: public; Owner: admin
--

CREATE VIEW public.v AS
 SELECT "T ""q".id,
    "T ""q".t
   FROM "S.x"."T ""q"
  WHERE ("T ""q".t ~~ '%;%'::text);


ALTER TABLE public.v OWNER TO admin;

--
-- Name: parted_1; Type: TABLE ATTACH; Schema: public; Owner: admin
--

ALTER TABLE ONLY public.parted ATTACH PARTITION public.parted_1 FOR VALUES FROM (0) TO (10);


--
-- Name: parted_2; Type: TABLE ATTACH; Schema: public; Owner: admin
--

ALTER TABLE ONLY public.parted ATTACH PARTITION public.parted_2 FOR VALUES FROM (10) TO (20);


--
-- Name: 16441; Type: BLOB; Schema: -; Owner: admin
--

SELECT pg_catalog.lo_create('16441');


ALTER LARGE OBJECT 16441 OWNER TO admin;

--
-- Name: 16442; Type: BLOB; Schema: -; Owner: admin
--

SELECT pg_catalog.lo_create('16442');


ALTER LARGE OBJECT 16442 OWNER TO admin;

--
-- Data for Name: T "q; Type: TABLE DATA; Schema: S.x; Owner: admin
--

COPY "S.x"."T ""q" (id, t, b, n) FROM stdin;
2		\\x	0
3	\\.\n-- PostgreSQL database dump complete\n\\connect other	\\x00	1
9223372036854775806	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 1	\\xc4ca4238a0b923820dcc509a6f75849b	1000000000000000000000000000001
9223372036854775805	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 2	\\xc81e728d9d4c2f636f067f89cc14862c	1000000000000000000000000000002
9223372036854775804	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 3	\\xeccbc87e4b5ce2fe28308fd9f2a7baf3	1000000000000000000000000000003
9223372036854775803	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 4	\\xa87ff679a2f3e71d9181a67b7542122c	1000000000000000000000000000004
9223372036854775802	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 5	\\xe4da3b7fbbce2345d7772b0674a318d5	1000000000000000000000000000005
9223372036854775801	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 6	\\x1679091c5a880faf6fb5e6087eb1b2dc	1000000000000000000000000000006
9223372036854775800	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 7	\\x8f14e45fceea167a5a36dedd4bea2543	1000000000000000000000000000007
9223372036854775799	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 8	\\xc9f0f895fb98ab9159f51fd0297e236d	1000000000000000000000000000008
9223372036854775798	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 9	\\x45c48cce2e2d7fbdea1afc51c7c6ad26	1000000000000000000000000000009
9223372036854775797	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 10	\\xd3d9446802a44259755d38e6d163e820	1000000000000000000000000000010
9223372036854775796	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 11	\\x6512bd43d9caa6e02c990b0a82652dca	1000000000000000000000000000011
9223372036854775795	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 12	\\xc20ad4d76fe97759aa27a0c99bff6710	1000000000000000000000000000012
9223372036854775794	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 13	\\xc51ce410c124a10e0db5e4b97fc2af39	1000000000000000000000000000013
9223372036854775793	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 14	\\xaab3238922bcc25a6f606eb525ffdc56	1000000000000000000000000000014
9223372036854775792	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 15	\\x9bf31c7ff062936a96d3c8bd1f8f2ff3	1000000000000000000000000000015
9223372036854775791	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 16	\\xc74d97b01eae257e44aa9d5bade97baf	1000000000000000000000000000016
9223372036854775790	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 17	\\x70efdf2ec9b086079795c442636b55fb	1000000000000000000000000000017
9223372036854775789	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 18	\\x6f4922f45568161a8cdf4ad2299f6d23	1000000000000000000000000000018
9223372036854775788	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 19	\\x1f0e3dad99908345f7439f8ffabdffc4	1000000000000000000000000000019
9223372036854775787	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 20	\\x98f13708210194c475687be6106a3b84	1000000000000000000000000000020
9223372036854775786	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 21	\\x3c59dc048e8850243be8079a5c74d079	1000000000000000000000000000021
9223372036854775785	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 22	\\xb6d767d2f8ed5d21a44b0e5886680cb9	1000000000000000000000000000022
9223372036854775784	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 23	\\x37693cfc748049e45d87b8c7d8b9aacd	1000000000000000000000000000023
9223372036854775783	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 24	\\x1ff1de774005f8da13f42943881c655f	1000000000000000000000000000024
9223372036854775782	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 25	\\x8e296a067a37563370ded05f5a3bf3ec	1000000000000000000000000000025
9223372036854775781	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 26	\\x4e732ced3463d06de0ca9a15b6153677	1000000000000000000000000000026
9223372036854775780	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 27	\\x02e74f10e0327ad868d138f2b4fdd6f0	1000000000000000000000000000027
9223372036854775779	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 28	\\x33e75ff09dd601bbe69f351039152189	1000000000000000000000000000028
9223372036854775778	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 29	\\x6ea9ab1baa0efb9e19094440c317e21b	1000000000000000000000000000029
9223372036854775777	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 30	\\x34173cb38f07f89ddbebc2ac9128303f	1000000000000000000000000000030
9223372036854775776	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 31	\\xc16a5320fa475530d9583c34fd356ef5	1000000000000000000000000000031
1	\\.	\N	1000000000009223372036854775806
9223372036854775775	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 32	\\x6364d3f0f495b6ab9dcf8d3b5c6e0b01	1000000000000000000000000000032
9223372036854775774	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 33	\\x182be0c5cdcd5072bb1864cdee4d3d6e	1000000000000000000000000000033
9223372036854775773	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 34	\\xe369853df766fa44e1ed0ff613f563bd	1000000000000000000000000000034
9223372036854775772	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 35	\\x1c383cd30b7c298ab50293adfecb7b18	1000000000000000000000000000035
9223372036854775771	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 36	\\x19ca14e7ea6328a42e0eb13d585e4c22	1000000000000000000000000000036
9223372036854775770	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 37	\\xa5bfc9e07964f8dddeb95fc584cd965d	1000000000000000000000000000037
9223372036854775769	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 38	\\xa5771bce93e200c36f7cd9dfd0e5deaa	1000000000000000000000000000038
9223372036854775768	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 39	\\xd67d8ab4f4c10bf22aa353e27879133c	1000000000000000000000000000039
9223372036854775767	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 40	\\xd645920e395fedad7bbbed0eca3fe2e0	1000000000000000000000000000040
9223372036854775766	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 41	\\x3416a75f4cea9109507cacd8e2f2aefc	1000000000000000000000000000041
9223372036854775765	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 42	\\xa1d0c6e83f027327d8461063f4ac58a6	1000000000000000000000000000042
9223372036854775764	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 43	\\x17e62166fc8586dfa4d1bc0e1742c08b	1000000000000000000000000000043
9223372036854775763	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 44	\\xf7177163c833dff4b38fc8d2872f1ec6	1000000000000000000000000000044
9223372036854775762	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 45	\\x6c8349cc7260ae62e3b1396831a8398f	1000000000000000000000000000045
9223372036854775761	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 46	\\xd9d4f495e875a2e075a1a4a6e1b9770f	1000000000000000000000000000046
9223372036854775760	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 47	\\x67c6a1e7ce56d3d6fa748ab6d9af3fd7	1000000000000000000000000000047
9223372036854775759	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 48	\\x642e92efb79421734881b53e1e1b18b6	1000000000000000000000000000048
9223372036854775758	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 49	\\xf457c545a9ded88f18ecee47145a72c0	1000000000000000000000000000049
9223372036854775757	line\n\\.\ttab \\ ü 漢 🙂 ' ; -- 50	\\xc0c7c76d30bd3dcaefc96f40275bdc0a	1000000000000000000000000000050
\.


--
-- Data for Name: big; Type: TABLE DATA; Schema: public; Owner: app
--

COPY public.big (id, v) FROM stdin;
1	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1
2	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2
3	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx3
4	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx4
5	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx5
6	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx6
7	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7
8	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx8
9	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx9
10	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx10
11	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx11
12	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx12
13	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx13
14	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx14
15	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx15
16	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx16
17	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx17
18	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx18
19	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx19
20	xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx20
\.


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.child (a) FROM stdin;
2
3
\.


--
-- Data for Name: nocolumns; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.nocolumns  FROM stdin;

\.


--
-- Data for Name: nothing; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.nothing (a) FROM stdin;
\.


--
-- Data for Name: parent; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.parent (a) FROM stdin;
1
\.


--
-- Data for Name: parted_1; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.parted_1 (k, v) FROM stdin;
0	p0
1	p1
2	p2
3	p3
4	p4
5	p5
6	p6
7	p7
8	p8
9	p9
\.


--
-- Data for Name: parted_2; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.parted_2 (k, v) FROM stdin;
10	p10
11	p11
12	p12
13	p13
14	p14
15	p15
16	p16
17	p17
18	p18
19	p19
\.


--
-- Name: big_id_seq; Type: SEQUENCE SET; Schema: public; Owner: app
--

SELECT pg_catalog.setval('public.big_id_seq', 20, true);


--
-- Name: own; Type: SEQUENCE SET; Schema: public; Owner: admin
--

SELECT pg_catalog.setval('public.own', 42, true);


--
-- Data for Name: BLOBS; Type: BLOBS; Schema: -; Owner: -
--

BEGIN;

SELECT pg_catalog.lo_open('16441', 131072);
SELECT pg_catalog.lowrite(0, '\x00ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c2700ff5c27');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('16442', 131072);
SELECT pg_catalog.lowrite(0, '\x7365636f6e64');
SELECT pg_catalog.lo_close(0);

COMMIT;

--
-- Name: T "q T "q_pkey; Type: CONSTRAINT; Schema: S.x; Owner: admin
--

ALTER TABLE ONLY "S.x"."T ""q"
    ADD CONSTRAINT "T ""q_pkey" PRIMARY KEY (id);


--
-- Name: nothing r; Type: RULE; Schema: public; Owner: admin
--

CREATE RULE r AS
    ON DELETE TO public.nothing DO ( INSERT INTO public.nothing (a)
  VALUES (1);
 INSERT INTO public.nothing (a)
  VALUES (2);
);


--
-- Name: big tr; Type: TRIGGER; Schema: public; Owner: app
--

CREATE TRIGGER tr BEFORE UPDATE ON public.big FOR EACH ROW EXECUTE FUNCTION public.f();


--
-- Name: TABLE v; Type: ACL; Schema: public; Owner: admin
--

GRANT SELECT ON TABLE public.v TO app;


--
-- Name: mv; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: admin
--

REFRESH MATERIALIZED VIEW public.mv;


--
-- PostgreSQL database dump complete
--

\unrestrict gRTDvhuC4eR1sm7ikyANoZVJsSFgdTeat87nBlMgUIyyLceTCGV9gFb9p2K7CwO

--
-- Database "we ird'd\b" dump
--

--
-- PostgreSQL database dump
--

\restrict ovZDgRlX2fkrCnBrq1aCamms3lO30lfMuZ4z7ZqvmdGaGJBFDIFccgoCZF2y9Gs

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: we ird'd\b; Type: DATABASE; Schema: -; Owner: admin
--

CREATE DATABASE "we ird'd\b" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE "we ird'd\b" OWNER TO admin;

\unrestrict ovZDgRlX2fkrCnBrq1aCamms3lO30lfMuZ4z7ZqvmdGaGJBFDIFccgoCZF2y9Gs
\encoding SQL_ASCII
\connect -reuse-previous=on "dbname='we ird\'d\\b'"
\restrict ovZDgRlX2fkrCnBrq1aCamms3lO30lfMuZ4z7ZqvmdGaGJBFDIFccgoCZF2y9Gs

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: t; Type: TABLE; Schema: public; Owner: admin
--

CREATE TABLE public.t (
    a integer
);


ALTER TABLE public.t OWNER TO admin;

--
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: admin
--

COPY public.t (a) FROM stdin;
1
2
\.


--
-- PostgreSQL database dump complete
--

\unrestrict ovZDgRlX2fkrCnBrq1aCamms3lO30lfMuZ4z7ZqvmdGaGJBFDIFccgoCZF2y9Gs

--
-- PostgreSQL database cluster dump complete
--

