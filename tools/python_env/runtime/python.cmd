@echo off
rem The interpreter of this environment: runs this machine's Python @PYTHON@ with the environment's packages first.
setlocal
set "PYTHONPATH=%~dp0..\Lib\site-packages;%PYTHONPATH%"
set "PATH=%~dp0;%PATH%"
py -@PYTHON@ %*
exit /b %ERRORLEVEL%
