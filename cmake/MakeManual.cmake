# cmake -DULLAGE= -DSCDOC= -DINPUT= -DOUTPUT= -P: puts the reference that the binary prints into INPUT and has SCDOC make a page of it.
execute_process(COMMAND ${ULLAGE} help manual OUTPUT_VARIABLE reference COMMAND_ERROR_IS_FATAL ANY)
file(READ ${INPUT} page)
string(REPLACE "@REFERENCE@" "${reference}" page "${page}")
file(WRITE ${OUTPUT}.scd "${page}")
execute_process(COMMAND ${SCDOC} INPUT_FILE ${OUTPUT}.scd OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${OUTPUT} "${text}")
