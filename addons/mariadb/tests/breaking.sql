-- What breaks dumps: bytes, quotes, large numbers, large rows, names, and everything that is no table.
SET NAMES utf8mb4;
CREATE DATABASE empty;
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
INSERT INTO large SELECT seq, REPEAT(UNHEX(MD5(seq)), 700000) FROM seq_1_to_2;
CREATE TABLE many (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(100), KEY (text));
INSERT INTO many SELECT seq, CONCAT('row (', seq, '), (') FROM seq_1_to_20000;
CREATE TABLE nothing (id INT);
CREATE TABLE log (what TEXT) ENGINE=InnoDB;
CREATE SEQUENCE numbers START WITH 5;
CREATE VIEW cheap AS SELECT id, note FROM orders WHERE price < 1;
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
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.log;;
DELIMITER ;
CREATE DATABASE other;
CREATE TABLE other.t (a INT) ENGINE=MyISAM;
INSERT INTO other.t VALUES (1), (2);
