# The manual page (where scdoc is) and the completions, made by running the binary: options.def is the only place where options are spelt.
# Included after the target `ullage`; a cross build has no binary to run and goes without.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  return()
endif()

set(documentation_dir ${CMAKE_BINARY_DIR}/documentation)
file(MAKE_DIRECTORY ${documentation_dir})
set(bash_script ${documentation_dir}/ullage.bash)
set(zsh_script ${documentation_dir}/_ullage)
set(fish_script ${documentation_dir}/ullage.fish)
foreach(shell IN ITEMS bash zsh fish)
  add_custom_command(OUTPUT ${${shell}_script}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${${shell}_script} -DPROGRAM=$<TARGET_FILE:ullage>
      "-DARGUMENTS=completions ${shell}" -P ${CMAKE_SOURCE_DIR}/cmake/RunInto.cmake
    DEPENDS ullage ${CMAKE_SOURCE_DIR}/cmake/RunInto.cmake VERBATIM)
endforeach()
set(documents ${bash_script} ${zsh_script} ${fish_script})

find_program(SCDOC_EXECUTABLE scdoc DOC "Makes the manual page")
if(SCDOC_EXECUTABLE)
  set(manual_page ${documentation_dir}/ullage.1)
  add_custom_command(OUTPUT ${manual_page}
    COMMAND ${CMAKE_COMMAND} -DULLAGE=$<TARGET_FILE:ullage> -DSCDOC=${SCDOC_EXECUTABLE}
      -DINPUT=${CMAKE_SOURCE_DIR}/docs/ullage.1.scd.in -DOUTPUT=${manual_page}
      -P ${CMAKE_SOURCE_DIR}/cmake/MakeManual.cmake
    DEPENDS ullage ${CMAKE_SOURCE_DIR}/docs/ullage.1.scd.in ${CMAKE_SOURCE_DIR}/cmake/MakeManual.cmake
    VERBATIM)
  list(APPEND documents ${manual_page})
  install(FILES ${manual_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
else()
  message(STATUS "scdoc is not installed: no manual page")
endif()

add_custom_target(ullage_documentation ALL DEPENDS ${documents})
install(FILES ${bash_script} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ullage)
install(FILES ${zsh_script} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${fish_script} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
