# LIVEDATA_SANITIZE applies to everything that is compiled here, so that containers agree on annotations.
if(LIVEDATA_SANITIZE)
  list(JOIN LIVEDATA_SANITIZE "," sanitizers)
  add_compile_options(-fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${sanitizers})
endif()
