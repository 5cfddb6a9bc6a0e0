# Publishes the ahead-of-time program for one platform into artifacts/publish/RID; eng/Packaging.targets does the work.
#   ./publish.ps1 [-Rid linux-arm64|linux-arm|linux-x64]
# $env:EDGELSTM_FRAMEWORK = 'net9.0' publishes for another framework than the default.
param([string] $Rid = 'linux-arm64')
$ErrorActionPreference = 'Stop'
$framework = if ($env:EDGELSTM_FRAMEWORK) { @("-p:EdgeLstmFramework=$env:EDGELSTM_FRAMEWORK") } else { @() }
dotnet publish (Join-Path $PSScriptRoot 'src/EdgeLstm.Worker') -c Release -r $Rid --nologo -v quiet @framework
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Write-Output "artifacts/publish/${Rid}: copy the folder to the machine, then: sudo bash install.sh"
