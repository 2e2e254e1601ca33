/* What SHOW GRANTS of MySQL and MariaDB says, and what its user does not see. */
#include <criterion/criterion.h>

#include "mysql_grants.h"

static void check(const char *lines, bool databases, bool tables, bool triggers, bool routines)
{
    struct mysql_hidden hidden = mysql_grants_hidden(lines);

    cr_expect_eq(hidden.databases, databases, "databases: %s", lines);
    cr_expect_eq(hidden.tables, tables, "tables: %s", lines);
    cr_expect_eq(hidden.triggers, triggers, "triggers: %s", lines);
    cr_expect_eq(hidden.routines, routines, "routines: %s", lines);
}

Test(mysql_grants, nothing_is_hidden_from_who_may_do_all)
{
    check("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` IDENTIFIED BY PASSWORD '*B6' WITH GRANT "
          "OPTION\n",
          false, false, false, false);
    check("GRANT SELECT, PROCESS, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER ON *.* TO `b`@`%`\n",
          false, false, false, false);
    /* MySQL shows the rights of active roles, MariaDB the roles' own lines */
    check(
        "GRANT `bk` TO `rol`@`%`\nGRANT USAGE ON *.* TO `rol`@`%`\nGRANT ALL PRIVILEGES ON *.* TO "
        "`bk`\nSET DEFAULT ROLE `bk` FOR `rol`@`%`\n",
        false, false, false, false);
}

Test(mysql_grants, of_whom_has_rights_on_databases_the_others_are_hidden)
{
    check("GRANT USAGE ON *.* TO `b`@`%`\nGRANT ALL PRIVILEGES ON `shop`.* TO `b`@`%`\n", true,
          false, false, false);
    check("GRANT USAGE ON *.* TO `b`@`%`\n", true, false, false, false);
    check("GRANT SELECT, TRIGGER ON *.* TO `b`@`%`\nREVOKE SELECT ON `hid`.* FROM `b`@`%`\n", true,
          false, false, false);
}

Test(mysql_grants, what_a_right_is_missing_for_is_hidden)
{
    check("GRANT SELECT, LOCK TABLES, SHOW VIEW, EVENT ON *.* TO `b`@`%`\n", false, false, true,
          false);
    check("GRANT USAGE ON *.* TO `b`@`%`\nGRANT SELECT, EVENT, TRIGGER ON `shop`.* TO `b`@`%`\n",
          true, false, false, true);
    check("GRANT EXECUTE ON *.* TO `b`@`%`\nGRANT SELECT, TRIGGER ON `shop`.* TO `b`@`%`\n", true,
          false, false, false);
    check(
        "GRANT BACKUP_ADMIN,SHOW_ROUTINE ON *.* TO `b`@`%`\nGRANT SELECT ON `shop`.* TO `b`@`%`\n",
        true, false, true, false);
    check("GRANT USAGE ON *.* TO `b`@`%`\nGRANT SELECT, TRIGGER ON `shop`.`t` TO `b`@`%`\n", true,
          true, false, true);
}
