# Publishes the ahead-of-time program for one platform into artifacts/publish/RID; eng/Packaging.targets does the work.
#   ./publish.ps1 [-Rid linux-arm64|linux-arm|linux-x64] [-FieldPackages]
# $env:EDGELSTM_FRAMEWORK = 'net9.0' publishes for another framework than the default.
# -FieldPackages adds the drivers on System.IO.Ports, Iot.Device.Bindings and MQTTnet; it needs a registry that has them.
param([string] $Rid = 'linux-arm64', [switch] $FieldPackages)
$ErrorActionPreference = 'Stop'
$framework = if ($env:EDGELSTM_FRAMEWORK) { @("-p:EdgeLstmFramework=$env:EDGELSTM_FRAMEWORK") } else { @() }
$packages = if ($FieldPackages) { @('-p:FieldPackages=true') } else { @() }
dotnet publish (Join-Path $PSScriptRoot 'src/EdgeLstm.Worker') -c Release -r $Rid --nologo -v quiet @framework @packages
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Write-Output "artifacts/publish/${Rid}: copy the folder to the machine, then: sudo bash install.sh"
