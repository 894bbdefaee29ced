# Warnings that every file of ours is built with; libraries are SYSTEM and exempt.
add_library(livedata_warnings INTERFACE)
target_compile_options(livedata_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wdouble-promotion -Wimplicit-fallthrough -Werror)
if(LIVEDATA_THREAD_SAFETY)
  target_compile_options(livedata_warnings INTERFACE -Wthread-safety)
endif()
# g++ 12 sees overlapping copies in `"a" + std::to_string(b)` where there are none (GCC bug 105651).
target_compile_options(livedata_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# clang 19 takes libstdc++ 12's own use of get_temporary_buffer in std::stable_sort for ours.
target_compile_options(livedata_warnings INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
