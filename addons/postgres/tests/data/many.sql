--
-- PostgreSQL database dump
--

\restrict OtcCqkTWU4misS5qujcD9IdLdlP5IxiyFBox9pJFPWQU5RFZ3PXI8yYpTXbEPS4

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

INSERT INTO "S.x"."T ""q" VALUES
	(2, '', '\x', 0),
	(3, '\.
-- PostgreSQL database dump complete
\connect other', '\x00', 1),
	(9223372036854775806, 'line
\.	tab \ ü 漢 🙂 '' ; -- 1', '\xc4ca4238a0b923820dcc509a6f75849b', 1000000000000000000000000000001),
	(9223372036854775805, 'line
\.	tab \ ü 漢 🙂 '' ; -- 2', '\xc81e728d9d4c2f636f067f89cc14862c', 1000000000000000000000000000002),
	(9223372036854775804, 'line
\.	tab \ ü 漢 🙂 '' ; -- 3', '\xeccbc87e4b5ce2fe28308fd9f2a7baf3', 1000000000000000000000000000003),
	(9223372036854775803, 'line
\.	tab \ ü 漢 🙂 '' ; -- 4', '\xa87ff679a2f3e71d9181a67b7542122c', 1000000000000000000000000000004),
	(9223372036854775802, 'line
\.	tab \ ü 漢 🙂 '' ; -- 5', '\xe4da3b7fbbce2345d7772b0674a318d5', 1000000000000000000000000000005);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775801, 'line
\.	tab \ ü 漢 🙂 '' ; -- 6', '\x1679091c5a880faf6fb5e6087eb1b2dc', 1000000000000000000000000000006),
	(9223372036854775800, 'line
\.	tab \ ü 漢 🙂 '' ; -- 7', '\x8f14e45fceea167a5a36dedd4bea2543', 1000000000000000000000000000007),
	(9223372036854775799, 'line
\.	tab \ ü 漢 🙂 '' ; -- 8', '\xc9f0f895fb98ab9159f51fd0297e236d', 1000000000000000000000000000008),
	(9223372036854775798, 'line
\.	tab \ ü 漢 🙂 '' ; -- 9', '\x45c48cce2e2d7fbdea1afc51c7c6ad26', 1000000000000000000000000000009),
	(9223372036854775797, 'line
\.	tab \ ü 漢 🙂 '' ; -- 10', '\xd3d9446802a44259755d38e6d163e820', 1000000000000000000000000000010),
	(9223372036854775796, 'line
\.	tab \ ü 漢 🙂 '' ; -- 11', '\x6512bd43d9caa6e02c990b0a82652dca', 1000000000000000000000000000011),
	(9223372036854775795, 'line
\.	tab \ ü 漢 🙂 '' ; -- 12', '\xc20ad4d76fe97759aa27a0c99bff6710', 1000000000000000000000000000012);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775794, 'line
\.	tab \ ü 漢 🙂 '' ; -- 13', '\xc51ce410c124a10e0db5e4b97fc2af39', 1000000000000000000000000000013),
	(9223372036854775793, 'line
\.	tab \ ü 漢 🙂 '' ; -- 14', '\xaab3238922bcc25a6f606eb525ffdc56', 1000000000000000000000000000014),
	(9223372036854775792, 'line
\.	tab \ ü 漢 🙂 '' ; -- 15', '\x9bf31c7ff062936a96d3c8bd1f8f2ff3', 1000000000000000000000000000015),
	(9223372036854775791, 'line
\.	tab \ ü 漢 🙂 '' ; -- 16', '\xc74d97b01eae257e44aa9d5bade97baf', 1000000000000000000000000000016),
	(9223372036854775790, 'line
\.	tab \ ü 漢 🙂 '' ; -- 17', '\x70efdf2ec9b086079795c442636b55fb', 1000000000000000000000000000017),
	(9223372036854775789, 'line
\.	tab \ ü 漢 🙂 '' ; -- 18', '\x6f4922f45568161a8cdf4ad2299f6d23', 1000000000000000000000000000018),
	(9223372036854775788, 'line
\.	tab \ ü 漢 🙂 '' ; -- 19', '\x1f0e3dad99908345f7439f8ffabdffc4', 1000000000000000000000000000019);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775787, 'line
\.	tab \ ü 漢 🙂 '' ; -- 20', '\x98f13708210194c475687be6106a3b84', 1000000000000000000000000000020),
	(9223372036854775786, 'line
\.	tab \ ü 漢 🙂 '' ; -- 21', '\x3c59dc048e8850243be8079a5c74d079', 1000000000000000000000000000021),
	(9223372036854775785, 'line
\.	tab \ ü 漢 🙂 '' ; -- 22', '\xb6d767d2f8ed5d21a44b0e5886680cb9', 1000000000000000000000000000022),
	(9223372036854775784, 'line
\.	tab \ ü 漢 🙂 '' ; -- 23', '\x37693cfc748049e45d87b8c7d8b9aacd', 1000000000000000000000000000023),
	(9223372036854775783, 'line
\.	tab \ ü 漢 🙂 '' ; -- 24', '\x1ff1de774005f8da13f42943881c655f', 1000000000000000000000000000024),
	(9223372036854775782, 'line
\.	tab \ ü 漢 🙂 '' ; -- 25', '\x8e296a067a37563370ded05f5a3bf3ec', 1000000000000000000000000000025),
	(9223372036854775781, 'line
\.	tab \ ü 漢 🙂 '' ; -- 26', '\x4e732ced3463d06de0ca9a15b6153677', 1000000000000000000000000000026);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775780, 'line
\.	tab \ ü 漢 🙂 '' ; -- 27', '\x02e74f10e0327ad868d138f2b4fdd6f0', 1000000000000000000000000000027),
	(9223372036854775779, 'line
\.	tab \ ü 漢 🙂 '' ; -- 28', '\x33e75ff09dd601bbe69f351039152189', 1000000000000000000000000000028),
	(9223372036854775778, 'line
\.	tab \ ü 漢 🙂 '' ; -- 29', '\x6ea9ab1baa0efb9e19094440c317e21b', 1000000000000000000000000000029),
	(9223372036854775777, 'line
\.	tab \ ü 漢 🙂 '' ; -- 30', '\x34173cb38f07f89ddbebc2ac9128303f', 1000000000000000000000000000030),
	(9223372036854775776, 'line
\.	tab \ ü 漢 🙂 '' ; -- 31', '\xc16a5320fa475530d9583c34fd356ef5', 1000000000000000000000000000031),
	(1, '\.', NULL, 1000000000009223372036854775806),
	(9223372036854775775, 'line
\.	tab \ ü 漢 🙂 '' ; -- 32', '\x6364d3f0f495b6ab9dcf8d3b5c6e0b01', 1000000000000000000000000000032);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775774, 'line
\.	tab \ ü 漢 🙂 '' ; -- 33', '\x182be0c5cdcd5072bb1864cdee4d3d6e', 1000000000000000000000000000033),
	(9223372036854775773, 'line
\.	tab \ ü 漢 🙂 '' ; -- 34', '\xe369853df766fa44e1ed0ff613f563bd', 1000000000000000000000000000034),
	(9223372036854775772, 'line
\.	tab \ ü 漢 🙂 '' ; -- 35', '\x1c383cd30b7c298ab50293adfecb7b18', 1000000000000000000000000000035),
	(9223372036854775771, 'line
\.	tab \ ü 漢 🙂 '' ; -- 36', '\x19ca14e7ea6328a42e0eb13d585e4c22', 1000000000000000000000000000036),
	(9223372036854775770, 'line
\.	tab \ ü 漢 🙂 '' ; -- 37', '\xa5bfc9e07964f8dddeb95fc584cd965d', 1000000000000000000000000000037),
	(9223372036854775769, 'line
\.	tab \ ü 漢 🙂 '' ; -- 38', '\xa5771bce93e200c36f7cd9dfd0e5deaa', 1000000000000000000000000000038),
	(9223372036854775768, 'line
\.	tab \ ü 漢 🙂 '' ; -- 39', '\xd67d8ab4f4c10bf22aa353e27879133c', 1000000000000000000000000000039);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775767, 'line
\.	tab \ ü 漢 🙂 '' ; -- 40', '\xd645920e395fedad7bbbed0eca3fe2e0', 1000000000000000000000000000040),
	(9223372036854775766, 'line
\.	tab \ ü 漢 🙂 '' ; -- 41', '\x3416a75f4cea9109507cacd8e2f2aefc', 1000000000000000000000000000041),
	(9223372036854775765, 'line
\.	tab \ ü 漢 🙂 '' ; -- 42', '\xa1d0c6e83f027327d8461063f4ac58a6', 1000000000000000000000000000042),
	(9223372036854775764, 'line
\.	tab \ ü 漢 🙂 '' ; -- 43', '\x17e62166fc8586dfa4d1bc0e1742c08b', 1000000000000000000000000000043),
	(9223372036854775763, 'line
\.	tab \ ü 漢 🙂 '' ; -- 44', '\xf7177163c833dff4b38fc8d2872f1ec6', 1000000000000000000000000000044),
	(9223372036854775762, 'line
\.	tab \ ü 漢 🙂 '' ; -- 45', '\x6c8349cc7260ae62e3b1396831a8398f', 1000000000000000000000000000045),
	(9223372036854775761, 'line
\.	tab \ ü 漢 🙂 '' ; -- 46', '\xd9d4f495e875a2e075a1a4a6e1b9770f', 1000000000000000000000000000046);
INSERT INTO "S.x"."T ""q" VALUES
	(9223372036854775760, 'line
\.	tab \ ü 漢 🙂 '' ; -- 47', '\x67c6a1e7ce56d3d6fa748ab6d9af3fd7', 1000000000000000000000000000047),
	(9223372036854775759, 'line
\.	tab \ ü 漢 🙂 '' ; -- 48', '\x642e92efb79421734881b53e1e1b18b6', 1000000000000000000000000000048),
	(9223372036854775758, 'line
\.	tab \ ü 漢 🙂 '' ; -- 49', '\xf457c545a9ded88f18ecee47145a72c0', 1000000000000000000000000000049),
	(9223372036854775757, 'line
\.	tab \ ü 漢 🙂 '' ; -- 50', '\xc0c7c76d30bd3dcaefc96f40275bdc0a', 1000000000000000000000000000050);


--
-- Data for Name: big; Type: TABLE DATA; Schema: public; Owner: app
--

INSERT INTO public.big OVERRIDING SYSTEM VALUE VALUES
	(1, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1'),
	(2, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2'),
	(3, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx3'),
	(4, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx4'),
	(5, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx5'),
	(6, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx6'),
	(7, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7');
INSERT INTO public.big OVERRIDING SYSTEM VALUE VALUES
	(8, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx8'),
	(9, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx9'),
	(10, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx10'),
	(11, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx11'),
	(12, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx12'),
	(13, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx13'),
	(14, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx14');
INSERT INTO public.big OVERRIDING SYSTEM VALUE VALUES
	(15, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx15'),
	(16, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx16'),
	(17, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx17'),
	(18, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx18'),
	(19, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx19'),
	(20, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx20');


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: admin
--

INSERT INTO public.child VALUES
	(2),
	(3);


--
-- Data for Name: nocolumns; Type: TABLE DATA; Schema: public; Owner: admin
--

INSERT INTO public.nocolumns DEFAULT VALUES;


--
-- Data for Name: nothing; Type: TABLE DATA; Schema: public; Owner: admin
--



--
-- Data for Name: parent; Type: TABLE DATA; Schema: public; Owner: admin
--

INSERT INTO public.parent VALUES
	(1);


--
-- Data for Name: parted_1; Type: TABLE DATA; Schema: public; Owner: admin
--

INSERT INTO public.parted_1 VALUES
	(0, 'p0'),
	(1, 'p1'),
	(2, 'p2'),
	(3, 'p3'),
	(4, 'p4'),
	(5, 'p5'),
	(6, 'p6');
INSERT INTO public.parted_1 VALUES
	(7, 'p7'),
	(8, 'p8'),
	(9, 'p9');


--
-- Data for Name: parted_2; Type: TABLE DATA; Schema: public; Owner: admin
--

INSERT INTO public.parted_2 VALUES
	(10, 'p10'),
	(11, 'p11'),
	(12, 'p12'),
	(13, 'p13'),
	(14, 'p14'),
	(15, 'p15'),
	(16, 'p16');
INSERT INTO public.parted_2 VALUES
	(17, 'p17'),
	(18, 'p18'),
	(19, 'p19');


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
-- PostgreSQL database dump complete
--

\unrestrict OtcCqkTWU4misS5qujcD9IdLdlP5IxiyFBox9pJFPWQU5RFZ3PXI8yYpTXbEPS4

