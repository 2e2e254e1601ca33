# stash_room(NAME SOURCES … [MAY_USE room …] [LIBRARIES target …] [PURE])
#
# A room is a static library. Its private headers lie beside its sources and are visible to it alone; what others may
# use stands in include/stash/. MAY_USE is the whole list of doors: an #include of another room's header still compiles
# (all doors share one folder), but tests/arch/check-doors refuses it, and the link fails for symbols without an edge.
# PURE rooms are checked by tests/arch/check-pure: no socket, file, clock, environment or thread symbol.
function(stash_room name)
    cmake_parse_arguments(ROOM "PURE" "" "SOURCES;MAY_USE;LIBRARIES" ${ARGN})
    set(target stash_${name})
    add_library(${target} STATIC ${ROOM_SOURCES})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${ROOM_LIBRARIES})
    foreach(other ${ROOM_MAY_USE})
        target_link_libraries(${target} PUBLIC stash_${other})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY STASH_ROOMS ${target})
    if(ROOM_PURE)
        set_property(GLOBAL APPEND PROPERTY STASH_PURE_ROOMS ${target})
    endif()
endfunction()
