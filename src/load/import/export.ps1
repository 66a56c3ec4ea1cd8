# Exports what decides how mail moves through an Exchange organization.
#
# Run it in the Exchange Management Shell of any version from 2007 to 2019 (or Subscription Edition), with an account that
# may read the configuration: View-Only Administrator in 2007, View-Only Organization Management later. It changes nothing
# but what this one shell can see.
#
#     .\export.ps1 -Folder C:\Temp\Topology
#
# It writes one file for each cmdlet into the folder. A cmdlet that this version does not have is skipped, and so is one
# that finds nothing. What it exports: sites and site links, servers, connectors, accepted domains, Edge subscriptions,
# databases and DAGs; no mailbox, no message, no password. The files do name servers, domains and smart hosts: treat them
# accordingly.
#
# Then, on any machine:
#
#     bridgehead import exchange FOLDER/*.xml --report
#
# or, where the shell does not expand the star, as in PowerShell: (dir FOLDER\*.xml).FullName
#
# Exchange 2003 has no such shell: read its directory instead, with
# "ldifde -f out.ldf -d CN=Configuration,DC=..." and "bridgehead import ldif out.ldf". Where 2003 stands beside 2007 or
# 2010 the directory is the better source as well: no cmdlet shows the routing group of a 2003 server.
#
# The script keeps to PowerShell 1.0, on which Exchange 2007 began: no try/catch, no block comments.
param(
    [string] $Folder = (Join-Path (Get-Location).Path 'bridgehead-export')
)

$cmdlets = @(
    'Get-AdSite',                    # 2007 and later
    'Get-AdSiteLink',                # 2007 and later
    'Get-ExchangeServer',            # 2007 and later
    'Get-RoutingGroupConnector',     # 2007 and 2010
    'Get-SendConnector',             # 2007 and later
    'Get-ForeignConnector',          # 2007 and later
    'Get-DeliveryAgentConnector',    # 2010 and later
    'Get-AcceptedDomain',            # 2007 and later
    'Get-EdgeSubscription',          # 2007 and later
    'Get-DatabaseAvailabilityGroup', # 2010 and later
    'Get-MailboxDatabase'            # 2007 and later
)

# Databases of servers that are down are listed all the same: warnings about them are no concern of ours.
$WarningPreference = 'SilentlyContinue'

# The whole forest, not only the domain of this account: 2007 has a variable for it, later versions a cmdlet.
if (Get-Command 'Set-ADServerSettings' -ErrorAction SilentlyContinue) {
    Set-ADServerSettings -ViewEntireForest $true
}
elseif ($AdminSessionADSettings) {
    $AdminSessionADSettings.ViewEntireForest = $true
}

if (-not (Test-Path $Folder)) {
    New-Item -ItemType Directory -Path $Folder | Out-Null
}

foreach ($cmdlet in $cmdlets) {
    # A cmdlet that fails is told and passed over; the others go on.
    trap {
        Write-Host ("{0}: failed: {1}" -f $cmdlet, $_.Exception.Message)
        continue
    }
    if (-not (Get-Command $cmdlet -ErrorAction SilentlyContinue)) {
        Write-Host ("{0}: this version does not have it" -f $cmdlet)
        continue
    }
    $objects = @()
    $objects = @(& $cmdlet)
    if ($objects.Count -eq 0) {
        Write-Host ("{0}: nothing found" -f $cmdlet)
        continue
    }
    $file = Join-Path $Folder ($cmdlet + '.xml')
    # Two levels keep the names inside references.
    $objects | Export-Clixml -Path $file -Depth 2
    Write-Host ("{0}: {1} written to {2}" -f $cmdlet, $objects.Count, $file)
}
