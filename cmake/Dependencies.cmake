# Every library from outside, as imported targets. Static archives where Debian has them, so that
# the release binary needs libc alone. scripts/setup installs all of this.
set(LIVEDATA_CACHE "$ENV{LIVEDATA_CACHE}" CACHE PATH "Where scripts/setup keeps what Debian does not package")
if(NOT LIVEDATA_CACHE)
  if(DEFINED ENV{XDG_CACHE_HOME})
    set(LIVEDATA_CACHE "$ENV{XDG_CACHE_HOME}/livedata")
  else()
    set(LIVEDATA_CACHE "$ENV{HOME}/.cache/livedata")
  endif()
endif()
set(DUCKDB_VERSION 1.4.4)
set(DUCKDB_HOME "${LIVEDATA_CACHE}/duckdb-${DUCKDB_VERSION}")
set(DUCKDB_SOURCE "${DUCKDB_HOME}/package/src/duckdb")
if(NOT EXISTS "${DUCKDB_SOURCE}/src/include/duckdb.hpp")
  message(FATAL_ERROR "DuckDB ${DUCKDB_VERSION} is not in ${DUCKDB_HOME}: run scripts/setup first")
endif()

find_package(Threads REQUIRED)

# livedata_library(NAME archive header): an imported target livedata_lib::NAME.
function(livedata_library name archive header)
  find_library(${name}_archive NAMES lib${archive}.a REQUIRED)
  find_path(${name}_include NAMES ${header} REQUIRED)
  add_library(lib::${name} STATIC IMPORTED GLOBAL)
  set_target_properties(lib::${name} PROPERTIES
    IMPORTED_LOCATION ${${name}_archive} INTERFACE_INCLUDE_DIRECTORIES ${${name}_include})
endfunction()
livedata_library(zstd zstd zstd.h)
livedata_library(lz4 lz4 lz4.h)
livedata_library(snappy snappy snappy.h)
livedata_library(deflate deflate libdeflate.h)
livedata_library(nghttp2 nghttp2 nghttp2/nghttp2.h)
livedata_library(z z zlib.h)
livedata_library(re2 re2 re2/re2.h)
livedata_library(argon2 argon2 argon2.h)
livedata_library(crypto crypto openssl/evp.h)
livedata_library(yaml yaml-cpp yaml-cpp/yaml.h)
livedata_library(ssl ssl openssl/ssl.h)
target_link_libraries(lib::ssl INTERFACE lib::crypto Threads::Threads ${CMAKE_DL_LIBS})
target_link_libraries(lib::re2 INTERFACE Threads::Threads)
target_link_libraries(lib::crypto INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

# Header-only libraries from Debian live in the default include path.
add_library(livedata_fmt INTERFACE)
target_compile_definitions(livedata_fmt INTERFACE FMT_HEADER_ONLY)
add_library(lib::fmt ALIAS livedata_fmt)

add_library(livedata_asio INTERFACE)
target_compile_definitions(livedata_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB)
target_link_libraries(livedata_asio INTERFACE Threads::Threads)
add_library(lib::asio ALIAS livedata_asio)

# yyjson comes with DuckDB's source; its namespace is renamed, so that it never meets DuckDB's own copy.
add_library(livedata_yyjson STATIC ${DUCKDB_SOURCE}/third_party/yyjson/yyjson.cpp)
target_compile_definitions(livedata_yyjson PUBLIC duckdb_yyjson=livedata_yyjson)
target_compile_options(livedata_yyjson PRIVATE -w -O2)
target_include_directories(livedata_yyjson SYSTEM PUBLIC ${DUCKDB_SOURCE}/third_party/yyjson/include ${DUCKDB_SOURCE}/src/include)
add_library(lib::yyjson ALIAS livedata_yyjson)

include(DuckDB)

if(LIVEDATA_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(LIVEDATA_BENCH)
  find_package(benchmark REQUIRED)
  # What the JSON decoders are measured against.
  find_package(simdjson REQUIRED CONFIG)
  add_library(lib::simdjson ALIAS simdjson::simdjson)
endif()
