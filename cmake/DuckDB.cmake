# The target lib::duckdb, from one of two places (LIVEDATA_DUCKDB):
#   prebuilt  the shared library as published for Node.js; nothing to compile
#   static    an archive compiled once from the same version's source, kept in the cache folder
add_library(livedata_duckdb INTERFACE)
add_library(lib::duckdb ALIAS livedata_duckdb)
target_include_directories(livedata_duckdb SYSTEM INTERFACE ${DUCKDB_SOURCE}/src/include)
if(LIVEDATA_DUCKDB STREQUAL "static")
  set(DUCKDB_ARCHIVE "${DUCKDB_HOME}/static/libduckdb.a")
  if(NOT EXISTS ${DUCKDB_ARCHIVE})
    message(FATAL_ERROR "${DUCKDB_ARCHIVE} is missing: run scripts/build-duckdb first")
  endif()
  target_link_libraries(livedata_duckdb INTERFACE ${DUCKDB_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS})
elseif(LIVEDATA_DUCKDB STREQUAL "prebuilt")
  target_link_libraries(livedata_duckdb INTERFACE "${DUCKDB_HOME}/prebuilt/libduckdb.so")
  set(CMAKE_BUILD_RPATH "${DUCKDB_HOME}/prebuilt")
else()
  message(FATAL_ERROR "LIVEDATA_DUCKDB is '${LIVEDATA_DUCKDB}'; it must be prebuilt or static")
endif()
