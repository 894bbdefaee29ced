# livedata_layer(PATH SOURCES ... HEADERS ... USES ... LINKS ...)
#
# Declares the layer src/PATH as the library target livedata_PATH (slashes become underscores).
# A name in USES must already be a layer, so that a cycle can't be written down. The graph goes to
# layers.json, and tools/check_layers.py holds every #include against it before anything compiles.
function(livedata_layer path)
  cmake_parse_arguments(L "" "" "SOURCES;HEADERS;USES;LINKS" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  set(target livedata_${name})
  if(L_SOURCES)
    add_library(${target} STATIC ${L_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE livedata_warnings)
    add_dependencies(${target} check_layers)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(livedata::${name} ALIAS ${target})
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/src)
  foreach(dep ${L_USES})
    string(REPLACE "/" "_" dep_name ${dep})
    if(NOT TARGET livedata::${dep_name})
      message(FATAL_ERROR "layer ${path} uses ${dep}, which is not below it")
    endif()
    target_link_libraries(${target} ${scope} livedata::${dep_name})
  endforeach()
  target_link_libraries(${target} ${scope} ${L_LINKS})
  list(TRANSFORM L_USES REPLACE "(.+)" "\"\\1\"" OUTPUT_VARIABLE quoted)
  list(JOIN quoted ", " joined)
  set_property(GLOBAL APPEND PROPERTY LIVEDATA_LAYERS "\"${path}\": [${joined}]")
  foreach(f ${L_SOURCES} ${L_HEADERS})
    set_property(GLOBAL APPEND PROPERTY LIVEDATA_FILES ${CMAKE_CURRENT_SOURCE_DIR}/${f})
  endforeach()
endfunction()

# Writes the layer graph and creates the target that checks it.
function(livedata_finish_layers)
  get_property(layers GLOBAL PROPERTY LIVEDATA_LAYERS)
  get_property(files GLOBAL PROPERTY LIVEDATA_FILES)
  list(JOIN layers ",\n" body)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/layers.json CONTENT "{\n${body}\n}\n" @ONLY)
  set(check ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check_layers.py
      ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/layers.json)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/layers.stamp
    COMMAND ${check}
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/layers.stamp
    DEPENDS ${files} ${PROJECT_BINARY_DIR}/layers.json ${PROJECT_SOURCE_DIR}/tools/check_layers.py
    VERBATIM)
  add_custom_target(check_layers DEPENDS ${PROJECT_BINARY_DIR}/layers.stamp)
  add_test(NAME layering COMMAND ${check})
  set_tests_properties(layering PROPERTIES LABELS quick)
endfunction()

# livedata_test(PATH SOURCES ... [USES ...] [LINKS ...] [LABELS ...])
#
# One test binary per layer: PATH with slashes as underscores, plus _test. Tests are found by CTest
# one by one, so that a failure names the behaviour. LABELS defaults to quick.
function(livedata_test path)
  if(NOT LIVEDATA_TESTS)
    return()
  endif()
  cmake_parse_arguments(T "" "" "SOURCES;USES;LINKS;LABELS" ${ARGN})
  string(REPLACE "/" "_" name ${path})
  if(NOT T_LABELS)
    set(T_LABELS quick)
  endif()
  add_executable(${name}_test ${T_SOURCES})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/src)
  foreach(dep ${T_USES})
    string(REPLACE "/" "_" dep_name ${dep})
    target_link_libraries(${name}_test PRIVATE livedata::${dep_name})
  endforeach()
  target_link_libraries(${name}_test PRIVATE livedata_warnings ${T_LINKS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${T_LABELS}")
endfunction()
