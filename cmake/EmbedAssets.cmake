# Turns report/assets/ into one C file of byte arrays at build time (string literals of that length are not portable). As a script (cmake -P)
# it writes the file; included, it gives ullage_embed_assets(OUTPUT), which makes the target `ullage_report_assets`.
cmake_minimum_required(VERSION 3.25)

function(ullage_embed_assets output)
  file(GLOB assets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/report/assets/*)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${output} -D FOLDER=${CMAKE_SOURCE_DIR}/report/assets
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedAssets.cmake
    DEPENDS ${assets} ${CMAKE_SOURCE_DIR}/cmake/EmbedAssets.cmake
    COMMENT "Embedding the parts of reports and benchmarks" VERBATIM)
  add_custom_target(ullage_report_assets DEPENDS ${output})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  set(text "/* Made from report/assets/ by cmake/EmbedAssets.cmake. */\n")
  foreach(asset IN ITEMS report.css report.js bench_machine.c.in bench_cases.c.in)
    set(file ${FOLDER}/${asset})
    string(MAKE_C_IDENTIFIER ${asset} name)
    file(READ ${file} words)
    string(TOLOWER "${words}" words)
    if(words MATCHES "</(script|style)")
      message(FATAL_ERROR "${file}: </script or </style in it would end the element that it stands in")
    endif()
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND text "__attribute__((unused)) static const unsigned char ${name}[] = {\n${bytes}};\n")
  endforeach()
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "@text@" @ONLY)
endif()
