@echo off
rem Runs a backup program while a replica stands still, and lets the replica go on afterwards.
rem   set UNDERSTUDY_SERVER=alpha
rem   set UNDERSTUDY_NAME=accounts
rem   backup-window.cmd robocopy C:\replica D:\backup /MIR
rem UNDERSTUDY_SUCCESS: the highest exit code of the program that is no failure (0); 7 for robocopy.
rem Exit code: 75 the replica cannot be read yet, 1 it cannot be read or went on meanwhile, else the program's own.
setlocal
if "%UNDERSTUDY_SERVER%"=="" (echo UNDERSTUDY_SERVER names the source 1>&2 & exit /b 2)
if "%UNDERSTUDY_NAME%"=="" (echo UNDERSTUDY_NAME names the replica 1>&2 & exit /b 2)
if "%UNDERSTUDY_WAIT%"=="" set UNDERSTUDY_WAIT=600
if "%UNDERSTUDY_SUCCESS%"=="" set UNDERSTUDY_SUCCESS=0
set "owner=backup-window.cmd on %COMPUTERNAME%"
set code=0
call understudy backup begin "%UNDERSTUDY_NAME%" --server "%UNDERSTUDY_SERVER%" --owner "%owner%" --wait %UNDERSTUDY_WAIT% %UNDERSTUDY_OPTIONS%
set code=%ERRORLEVEL%
if not "%code%"=="0" goto give_back
call %*
set code=%ERRORLEVEL%
if %code% GEQ 0 if %code% LEQ %UNDERSTUDY_SUCCESS% set code=0
:give_back
call understudy backup end "%UNDERSTUDY_NAME%" --server "%UNDERSTUDY_SERVER%" --owner "%owner%"
if errorlevel 1 if "%code%"=="0" set code=1
exit /b %code%
