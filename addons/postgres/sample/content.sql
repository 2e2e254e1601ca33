-- What a database holds, one line a thing, in the server's own words and without pg_dump: equal text is equal content.
SET search_path = pg_catalog;
SET extra_float_digits = 3;
\set sorted '(SELECT string_agg(a::text, '' '' ORDER BY a::text) FROM unnest'
\set mine 'nspname !~ ''^pg_|^information_schema$'''
-- rows
SELECT format('SELECT ''rows'', %L, count(*), md5(string_agg(line, '''' ORDER BY line)) FROM (SELECT md5(t::text) AS line FROM ONLY %I.%I t) x',
              nspname || '.' || relname, nspname, relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'm') AND :mine ORDER BY nspname, relname \gexec
SELECT 'large object', oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;
SELECT 'sequence', schemaname, sequencename, start_value, increment_by, min_value, max_value, cycle, last_value FROM pg_sequences ORDER BY 2, 3;
-- objects
SELECT 'relation', nspname, relname, relkind, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity, :sorted(relacl) a), obj_description(c.oid, 'pg_class')
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE :mine AND relkind <> 't' ORDER BY 2, 3;
SELECT 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
    WHERE :mine AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0 AND NOT attisdropped ORDER BY attrelid::regclass::text, attnum;
SELECT 'view', nspname, viewname, definition FROM pg_views JOIN pg_namespace ON nspname = schemaname WHERE :mine ORDER BY 2, 3;
SELECT 'rule', nspname, tablename, definition FROM pg_rules JOIN pg_namespace ON nspname = schemaname WHERE :mine ORDER BY 2, 3, rulename;
SELECT 'policy', schemaname, tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 2, 3, 4;
SELECT 'index', nspname, indexname, indexdef FROM pg_indexes JOIN pg_namespace ON nspname = schemaname WHERE :mine ORDER BY 2, 3;
SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE :mine ORDER BY conrelid::regclass::text, conname;
SELECT 'trigger', tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname;
SELECT 'function', pg_get_functiondef(p.oid), proowner::regrole, :sorted(proacl) a) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE :mine AND prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    ORDER BY p.oid::regprocedure::text;
SELECT 'extension', extname, extversion FROM pg_extension ORDER BY 2;
-- the cluster
SELECT 'database', datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, :sorted(datacl) a)
    FROM pg_database WHERE datname <> 'template0' ORDER BY 2;
SELECT 'role', rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolpassword
    FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY 2;
SELECT 'member', roleid::regrole, member::regrole, admin_option FROM pg_auth_members WHERE member::regrole::text !~ '^pg_' ORDER BY 2::text, 3::text;
SELECT 'settings', setrole::regrole, setconfig::text FROM pg_db_role_setting ORDER BY 2::text, 3;
