# stash_room(NAME SOURCES … DOORS header … [MAY_USE room …] [LIBRARIES target …] [PURE])
#
# A room is a static library. These calls are the whole list of rooms and of who may use whom:
#   DOORS    its headers in include/stash/: what others may use. Other headers lie beside the sources, for the room alone.
#   MAY_USE  the rooms whose doors it may include. An include of any other door does not compile: a room is shown a
#            folder with the doors of the rooms it may use, and never include/ as a whole.
#   PURE     checked by tests/arch/check-pure: no socket, file, clock, environment or thread symbol.
# Programs and tests link stash_NAME and see every door. rooms.txt in the build folder is the list as it is checked
# for circles and against ARCHITECTURE.md (tests/arch/check-doors).
set(STASH_ROOMS_LIST ${PROJECT_BINARY_DIR}/rooms.txt)
file(WRITE ${STASH_ROOMS_LIST} "")
file(REMOVE_RECURSE ${PROJECT_BINARY_DIR}/doors)

# A folder with a link to each door of the room.
function(stash_room_doors name)
    foreach(door ${ARGN})
        get_property(owner GLOBAL PROPERTY STASH_DOOR_${door})
        if(owner OR NOT EXISTS ${PROJECT_SOURCE_DIR}/include/stash/${door}.h)
            message(FATAL_ERROR "${name}: include/stash/${door}.h is missing, or a door of ${owner} already")
        endif()
        set_property(GLOBAL PROPERTY STASH_DOOR_${door} ${name})
        set(link ${PROJECT_BINARY_DIR}/doors/${name}/stash/${door}.h)
        file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/doors/${name}/stash)
        file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/stash/${door}.h ${link} SYMBOLIC)
    endforeach()
endfunction()

function(stash_room name)
    cmake_parse_arguments(ROOM "PURE" "" "SOURCES;DOORS;MAY_USE;LIBRARIES" ${ARGN})
    set(target stash_${name})
    add_library(${target} STATIC ${ROOM_SOURCES})
    stash_room_doors(${name} ${ROOM_DOORS})
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(other ${name} ${ROOM_MAY_USE})
        target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/doors/${other})
    endforeach()
    foreach(other ${ROOM_MAY_USE})
        target_link_libraries(${target} PUBLIC $<LINK_ONLY:stash_${other}>)
    endforeach()
    target_link_libraries(${target} PUBLIC ${ROOM_LIBRARIES} PkgConfig::JANSSON)
    string(REPLACE ";" " " uses "${ROOM_MAY_USE}")
    file(APPEND ${STASH_ROOMS_LIST} "${name}: ${uses}\n")
    set_property(GLOBAL APPEND PROPERTY STASH_ROOMS ${target})
    if(ROOM_PURE)
        set_property(GLOBAL APPEND PROPERTY STASH_PURE_ROOMS ${target})
    endif()
endfunction()

# Every header of include/stash/ is some room's door.
function(stash_rooms_complete)
    file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include/stash ${PROJECT_SOURCE_DIR}/include/stash/*.h)
    foreach(header ${headers})
        string(REPLACE ".h" "" door ${header})
        get_property(owner GLOBAL PROPERTY STASH_DOOR_${door})
        if(NOT owner)
            message(FATAL_ERROR "include/stash/${header} is no room's door: name it in a stash_room()")
        endif()
    endforeach()
endfunction()
