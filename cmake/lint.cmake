# The target `lint`: clang-tidy over every source, again only for what has changed since. A changed header concerns all.
# One version decides, because others find other things; elsewhere the target does not exist.
find_program(CLANG_TIDY clang-tidy)
if(CLANG_TIDY)
    execute_process(COMMAND ${CLANG_TIDY} --version OUTPUT_VARIABLE version)
endif()
if(NOT version MATCHES "version 14\\.")
    return()
endif()

file(GLOB_RECURSE lint_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/*.h)
file(GLOB_RECURSE lint_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/*.c)
list(FILTER lint_headers EXCLUDE REGEX "/(build|\\.cache)/")
list(FILTER lint_sources EXCLUDE REGEX "^(build|\\.cache|bench|tests/cluster)/")
foreach(source ${lint_sources})
    set(stamp ${PROJECT_BINARY_DIR}/lint/${source}.passed)
    get_filename_component(folder ${stamp} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
        OUTPUT ${stamp}
        COMMAND ${CLANG_TIDY} -p ${PROJECT_BINARY_DIR} --quiet ${PROJECT_SOURCE_DIR}/${source} 2> /dev/null
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${lint_headers} ${PROJECT_SOURCE_DIR}/.clang-tidy
        COMMENT "clang-tidy ${source}")
    list(APPEND lint_stamps ${stamp})
endforeach()
add_custom_target(lint DEPENDS ${lint_stamps})
