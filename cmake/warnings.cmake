# Warnings that every room is built with; -Werror comes from the dev preset.
add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wwrite-strings -Wformat=2 -Wcast-qual -Wimplicit-fallthrough)
