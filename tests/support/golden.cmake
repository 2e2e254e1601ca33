# The cases of tests/golden: the tool golden_case, and the documents that other tests read.
include_guard(GLOBAL)
add_library(golden_suite STATIC ${CMAKE_CURRENT_LIST_DIR}/golden_suite.c ${CMAKE_CURRENT_LIST_DIR}/golden_patch.c
                                ${CMAKE_CURRENT_LIST_DIR}/golden_diff.c ${CMAKE_CURRENT_LIST_DIR}/golden_text.c)
target_include_directories(golden_suite PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(golden_suite PUBLIC stash_base stash_shell)
add_executable(golden_case ${CMAKE_CURRENT_LIST_DIR}/golden_case.c)
target_link_libraries(golden_case PRIVATE golden_suite)

# GOLDEN_DOCUMENTS/SUITE/CASE/in.json and want.json: every case whole, for those who need no patches.
set(GOLDEN_DOCUMENTS ${PROJECT_BINARY_DIR}/golden CACHE INTERNAL "the golden cases as whole documents")
foreach(suite inject review validate default)
    set(cases ${PROJECT_SOURCE_DIR}/tests/golden/${suite})
    set(documents ${GOLDEN_DOCUMENTS}/${suite})
    file(GLOB files CONFIGURE_DEPENDS ${cases}/*.yaml)
    add_custom_command(OUTPUT ${documents}.stamp
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${documents}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${documents}
        COMMAND golden_case documents ${cases} ${documents}
        COMMAND ${CMAKE_COMMAND} -E touch ${documents}.stamp
        DEPENDS golden_case ${files})
    list(APPEND stamps ${documents}.stamp)
endforeach()
add_custom_target(golden_documents ALL DEPENDS ${stamps})
