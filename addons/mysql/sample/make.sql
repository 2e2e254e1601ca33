-- What breaks dumps: bytes, quotes, large numbers, large rows, names, and everything that is no table.
SET NAMES utf8mb4;
/*!80000 SET SESSION cte_max_recursion_depth = 100000 */;
/*M!100300 SET SESSION max_recursive_iterations = 100000 */;
CREATE DATABASE vacant;
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, note TEXT, data LONGBLOB, price DECIMAL(30,10), at DATETIME(6), doc JSON, flags BIT(8));
INSERT INTO orders VALUES
    (1, 'it''s "a" \\ test; -- no comment (', x'00FF27225C0A0D1A60', 12345678901234567890.0123456789, '2026-01-02 03:04:05.678901', '{"a": [1, "\'"]}', b'10101010'),
    (2, '), (3, \'not a row', NULL, -0.0000000001, '1000-01-01 00:00:00', 'null', b'0'),
    (18446744073709551615, '𝄞 😀 ‮ é', '', NULL, NULL, NULL, NULL);
CREATE TABLE `odd``name; "x"` (`values` INT, `select` VARCHAR(20) DEFAULT '\\') COMMENT='-- Dump completed';
INSERT INTO `odd``name; "x"` VALUES (1, '/*'), (2, '*/'), (3, '#'), (4, '\n-- Dump completed\n');
CREATE TABLE large (id INT PRIMARY KEY, data LONGBLOB);
INSERT INTO large VALUES (1, REPEAT(UNHEX(SHA2(1, 256)), 350000)), (2, REPEAT(UNHEX(SHA2(2, 256)), 1000));
CREATE TABLE many (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(100), KEY (text));
INSERT INTO many
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, CONCAT('row (', i, '), (') FROM n;
CREATE TABLE nothing (id INT);
CREATE TABLE log (what TEXT) ENGINE=InnoDB;
CREATE TABLE made (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED, c INT AS (a + 1));
INSERT INTO made (a) VALUES (1), (2);
/*M!100300 CREATE SEQUENCE numbers START WITH 5 */;
CREATE VIEW cheap AS SELECT id, note FROM orders WHERE price < 1;
CREATE VIEW a_view_of_a_view AS SELECT id FROM cheap;
DELIMITER ;;
CREATE TRIGGER written AFTER INSERT ON many FOR EACH ROW BEGIN
    -- it's a comment
    INSERT INTO log VALUES ('a'), ('b;');
END;;
CREATE PROCEDURE refill() BEGIN
    # don't count (
    INSERT INTO nothing VALUES (1), (2);
END;;
CREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 2;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM shop.log;;
DELIMITER ;
CREATE DATABASE other;
CREATE TABLE other.t (a INT) ENGINE=MyISAM;
INSERT INTO other.t VALUES (1), (2);
