import{i as e,n as t,r as n,t as r}from"./quality-Dgk1QbIZ.js";var i=[e,n,t,r],a=[{name:`first-day`,title:`The first day: from an empty machine to the first receipt`,html:`<h1 id="the-first-day-from-an-empty-machine-to-the-first-receipt">The first day: from an empty machine to the first receipt</h1>
<p>For the technician who sets up a blood centre. You need a Linux machine with PostgreSQL 15 or newer (Debian: <code>apt install postgresql</code>) or npm, which
then fetches it, the program <code>hemolift</code> (one file, copied to <code>/usr/local/bin</code>) and a browser; the figures of your aircraft
and of your boxes&#39; validation; for each drone and box somebody who can type ten characters at it. <a href="/help/operator">The operator</a> explains each part; here is
the order. Pages show China Standard Time (UTC+8), which is 8 hours ahead of the UTC of the API, the logs and the curve of a record.</p>
<ol>
<li><p><strong>Start it.</strong> As a user of its own (never as root), with a directory for the record and one on another disk for what keeps it. As root, once:</p>
<pre tabindex="0"><code>useradd --system --home-dir /var/lib/hemolift hemolift
install -d -o hemolift -m 700 /var/lib/hemolift /backup /backup/log
</code></pre>
<p>and then, by hand as here or with the units for systemd, which use the same directories:</p>
<pre tabindex="0"><code>sudo -u hemolift hemolift doctor -data /var/lib/hemolift/server -archive /backup/log     # what the machine lacks, if anything
sudo -u hemolift hemolift serve  -data /var/lib/hemolift/server -archive /backup/log -addr 127.0.0.1:8080
</code></pre>
<p>It makes a private PostgreSQL there and prints a link. (For other machines to reach it, it needs a certificate: <code>-addr 0.0.0.0:8443 -tls-cert … -tls-key …</code>.)</p>
</li>
<li><p><strong>You are the administrator.</strong> Open the link and choose a password.</p>
</li>
<li><p><strong>The network.</strong> <em>Admin, Network</em>. Fill in the tables from left to right; each form says the unit of each field, with an example. Nothing counts until
you apply it.</p>
<ul>
<li><em>Sites</em>: your blood centre and one hospital. Type the position of its pad and say the datum: maps published in mainland China show
GCJ-02, which is some hundred metres off; or click the map, which gives WGS 84. The map that is shipped shows districts and rivers: to click a roof, start
the server with streets of your own (<code>-basemap</code>). A new site gets its usual pads. State the <em>elevation</em> of your centre: the heights of
flights are shown over it.</li>
<li><em>Aircraft classes</em>: the manufacturer&#39;s figures. <em>Box designs</em>: those of the validation report, with the temperature profile that it was validated for.</li>
<li><em>Drones</em> and <em>Boxes</em>: an id for each, as it is written on it.</li>
<li><em>Zones</em>: take in your authority&#39;s file, named <code>zones.geojson</code>, <code>zones.ed269.json</code> or <code>zones.ed318.json</code> by its form. No zones is an empty list: the page
begins with one, and has a sample. In GeoJSON a feature is a polygon with the properties <code>id</code>, <code>name_zh</code>, <code>name_en</code>, <code>type</code> (<code>PROHIBITED</code>,
<code>REQ_AUTHORIZATION</code> or <code>CONDITIONAL</code>), <code>lower_m</code>, <code>upper_m</code> and <code>reference</code> (<code>AGL</code> above ground or <code>AMSL</code> above mean sea level).</li>
<li><em>Look at the changes</em> says what is wrong, in which line and field, or what would change. Say why, and apply it. There is no need to start anything anew.</li>
</ul>
</li>
<li><p><strong>People.</strong> <em>Admin, People</em>: add each with a role and a site, and give each their link. For a first line: a hospital&#39;s <code>requester</code> and <code>receiver</code> (or
one <code>hospital</code>), two of the centre&#39;s staff (a <code>dispatcher</code>, and a second person who checks: <code>issuer</code> or <code>dispatcher</code>), a <code>controller</code> and one of <code>quality</code>,
both of all sites.</p>
</li>
<li><p><strong>Devices.</strong> <em>Admin, Devices</em>: <em>Code to enrol</em>, then type the code at the drone or box within an hour. What a device does is in <a href="/help/devices">devices</a>;
<em>Last heard</em> says that it has arrived.</p>
</li>
<li><p><strong>Stock.</strong> A dispatcher, <em>Stock</em>: <em>Take in by list</em> for a supplier&#39;s CSV (the page has a sample), <em>by scan</em> for a bag in your hand.</p>
</li>
<li><p><strong>The first delivery.</strong> The hospital asks (<a href="/help/hospital">the hospital</a>); the dispatcher allocates, another person checks, the box is packed, sealed and
loaded (<a href="/help/dispatcher">the dispatcher</a>); flight control watches (<a href="/help/flight-control">flight control</a>); the hospital compares the seal and receives;
quality signs it under <em>Cold-chain records to sign</em> (<a href="/help/quality">quality</a>).</p>
</li>
<li><p><strong>Before you go home.</strong> A backup to another disk, and a drill that it can be restored (<a href="/help/operator">the operator</a>, <em>Backup</em>):</p>
<pre tabindex="0"><code>sudo -u hemolift hemolift backup  -data /var/lib/hemolift/server -to /backup -keep 14 -archive /backup/log
sudo -u hemolift hemolift restore -from /backup -archive /backup/log -check
</code></pre>
</li>
</ol>
<p>The built-in policy and temperature profiles are examples that nobody has approved. Before anything is transfused your own must
be proposed and approved by two of your people, on the page <em>Policy and profiles</em> (<a href="/help/quality#policy-and-profiles">quality</a>).</p>
<h2 id="when-it-does-not-go-on">When it does not go on</h2>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>it says</th>
<th>then</th>
</tr>
</thead>
<tbody><tr>
<td><em>nothing can be applied with them</em></td>
<td>each fault has its table, line and field; the field is marked in its form</td>
</tr>
<tr>
<td><em>another one by now</em></td>
<td>somebody else changed the network meanwhile: save your files (<em>Save this file</em>), drop your changes, take the files in again</td>
</tr>
<tr>
<td><em>where mission M-… flies</em>, <em>under way with …</em></td>
<td>a flight or a delivery uses it; change it when that has ended</td>
</tr>
<tr>
<td><em>no flight possible</em>, <em>no drone can be counted on</em></td>
<td>is the drone heard (<em>Devices</em>), at its home and charged? The card says why each drone loses</td>
</tr>
<tr>
<td>no proposal though there is blood</td>
<td>is a box of the right design heard, and at the centre?</td>
</tr>
<tr>
<td>a password again</td>
<td>what gives rights asks for it after ten minutes</td>
</tr>
</tbody></table></div>
`,sections:[{id:`the-first-day-from-an-empty-machine-to-the-first-receipt`,title:`The first day: from an empty machine to the first receipt`,text:"\n\n\nFor the technician who sets up a blood centre. You need a Linux machine with PostgreSQL 15 or newer (Debian: `apt install postgresql`) or npm, which\nthen fetches it, the program `hemolift` (one file, copied to `/usr/local/bin`) and a browser; the figures of your aircraft\nand of your boxes' validation; for each drone and box somebody who can type ten characters at it. [The operator](operator.md) explains each part; here is\nthe order. Pages show China Standard Time (UTC+8), which is 8 hours ahead of the UTC of the API, the logs and the curve of a record.\n\n\n\n1. **Start it.** As a user of its own (never as root), with a directory for the record and one on another disk for what keeps it. As root, once:\n\n       useradd --system --home-dir /var/lib/hemolift hemolift\n       install -d -o hemolift -m 700 /var/lib/hemolift /backup /backup/log\n\n   and then, by hand as here or with the [units for systemd](deploy/hemolift.service), which use the same directories:\n\n       sudo -u hemolift hemolift doctor -data /var/lib/hemolift/server -archive /backup/log     # what the machine lacks, if anything\n       sudo -u hemolift hemolift serve  -data /var/lib/hemolift/server -archive /backup/log -addr 127.0.0.1:8080\n\n   It makes a private PostgreSQL there and prints a link. (For other machines to reach it, it needs a certificate: `-addr 0.0.0.0:8443 -tls-cert … -tls-key …`.)\n2. **You are the administrator.** Open the link and choose a password.\n3. **The network.** *Admin, Network*. Fill in the tables from left to right; each form says the unit of each field, with an example. Nothing counts until\n   you apply it.\n   - *Sites*: your blood centre and one hospital. Type the position of its pad and say the datum: maps published in mainland China show\n     GCJ-02, which is some hundred metres off; or click the map, which gives WGS 84. The map that is shipped shows districts and rivers: to click a roof, start\n     the server with streets of your own (`-basemap`). A new site gets its usual pads. State the *elevation* of your centre: the heights of\n     flights are shown over it.\n   - *Aircraft classes*: the manufacturer's figures. *Box designs*: those of the validation report, with the temperature profile that it was validated for.\n   - *Drones* and *Boxes*: an id for each, as it is written on it.\n   - *Zones*: take in your authority's file, named `zones.geojson`, `zones.ed269.json` or `zones.ed318.json` by its form. No zones is an empty list: the page\n     begins with one, and has a sample. In GeoJSON a feature is a polygon with the properties `id`, `name_zh`, `name_en`, `type` (`PROHIBITED`,\n     `REQ_AUTHORIZATION` or `CONDITIONAL`), `lower_m`, `upper_m` and `reference` (`AGL` above ground or `AMSL` above mean sea level).\n   - *Look at the changes* says what is wrong, in which line and field, or what would change. Say why, and apply it. There is no need to start anything anew.\n4. **People.** *Admin, People*: add each with a role and a site, and give each their link. For a first line: a hospital's `requester` and `receiver` (or\n   one `hospital`), two of the centre's staff (a `dispatcher`, and a second person who checks: `issuer` or `dispatcher`), a `controller` and one of `quality`,\n   both of all sites.\n5. **Devices.** *Admin, Devices*: *Code to enrol*, then type the code at the drone or box within an hour. What a device does is in [devices](devices.md);\n   *Last heard* says that it has arrived.\n6. **Stock.** A dispatcher, *Stock*: *Take in by list* for a supplier's CSV (the page has a sample), *by scan* for a bag in your hand.\n7. **The first delivery.** The hospital asks ([the hospital](hospital.md)); the dispatcher allocates, another person checks, the box is packed, sealed and\n   loaded ([the dispatcher](dispatcher.md)); flight control watches ([flight control](flight-control.md)); the hospital compares the seal and receives;\n   quality signs it under *Cold-chain records to sign* ([quality](quality.md)).\n8. **Before you go home.** A backup to another disk, and a drill that it can be restored ([the operator](operator.md), *Backup*):\n\n       sudo -u hemolift hemolift backup  -data /var/lib/hemolift/server -to /backup -keep 14 -archive /backup/log\n       sudo -u hemolift hemolift restore -from /backup -archive /backup/log -check\n\n\n\nThe built-in policy and temperature profiles are examples that nobody has approved. Before anything is transfused your own must\nbe proposed and approved by two of your people, on the page *Policy and profiles* ([quality](quality.md#policy-and-profiles)).\n\n\n\n"},{id:`when-it-does-not-go-on`,title:`When it does not go on`,text:`


| it says | then |
|---|---|
| *nothing can be applied with them* | each fault has its table, line and field; the field is marked in its form |
| *another one by now* | somebody else changed the network meanwhile: save your files (*Save this file*), drop your changes, take the files in again |
| *where mission M-… flies*, *under way with …* | a flight or a delivery uses it; change it when that has ended |
| *no flight possible*, *no drone can be counted on* | is the drone heard (*Devices*), at its home and charged? The card says why each drone loses |
| no proposal though there is blood | is a box of the right design heard, and at the centre? |
| a password again | what gives rights asks for it after ten minutes |

`}]},{name:`dispatcher`,title:`The dispatcher`,html:`<h1 id="the-dispatcher">The dispatcher</h1>
<p>A blood centre&#39;s staff work on the live map, by keyboard: <code>?</code> lists the keys.</p>
<p><img alt="A flight on its way" loading="lazy" data-picture="0"></p>
<p>The queue on the left has what is to be dispatched, the most urgent first, and what is in progress. <code>J</code> and <code>K</code> step through it,
<code>Enter</code> allocates the proposal that is shown. Then the panel asks for one step after another: another person&#39;s check, each unit
scanned into the box, the seal, the box loaded. <code>A</code> acknowledges an alarm and <code>S</code> shelves it (<a href="/help/flight-control#alarms">flight control</a>), <code>N</code> enters a request for a hospital that
called, <code>Z</code> closes airspace (<a href="/help/flight-control">flight control</a>).</p>
<h2 id="why-this-drone">Why this drone</h2>
<p>Every proposal is one choice of a plan for all open requests together: units, centre, box, drone and second, decided level by level
(STAT requests unserved, STAT minutes late, then urgent, then routine, then units that would expire, substitution, energy), never by
weights. The panel names the next best drone and the level on which it loses, for every other drone the first rule that it breaks with
its numbers, and has a button for each other drone of your centre that could fly. When the world has moved on between the offer and the
press, nothing is allocated: the card says what has changed, and takes the new offer in one step. For a request that nobody
can serve it says what would have to change. <em>Why this</em> says what decided the units, the centre, the box, the drone, the route and the
pad.</p>
<h2 id="when-something-goes-wrong">When something goes wrong</h2>
<p>A delivery fails when its drone is silent for two minutes, has turned back, has no way on, is down elsewhere or stands loaded for
five minutes without leaving (the panel says what keeps it); when its box is warm or will be before the hand-over; or when its pad,
its centre or, before it has left, its drone or box is out of service. The panel then ranks what can be done (another drone with the
same box, another delivery, another pad of the hospital, the road courier, going on), the certain before the doubtful and the least
late first, says what that costs other requests, and <code>Enter</code> does the first. In the air, or when its drone may be, a delivery is
<em>given up</em>: its units are called home, another delivery serves the request, and as long as none does it can be kept after all. A drone
that is never found is written off; one that landed unheard is opened by the ward. A unit that may not be used is set aside at packing,
and the request is planned anew.</p>
<p>A drone that was told to leave and did not is out of service for half an hour; its box is taken out once it has stood for five minutes.
One that stands on a hospital&#39;s pad for twenty minutes, or is out of service there, is told as an alarm with what keeps it; neither it
nor its pad is counted on until it flies home, is heard there, or people say that they took it away.</p>
<p>When a life-threatening request cannot be served in time and a drone in the air carries what it needs for a less urgent one, the panel
offers to divert it if the whole plan is better for that on the levels of STAT, with what the other hospital loses. That hospital is told
at once. Sites, pads, drones and boxes are taken out of service beside the zones (<code>Z</code>), its own pads by a hospital on its page;
a centre&#39;s dispatcher does so with what is that centre&#39;s, flight control with all. Each closure is ended by itself. That a drone was taken
away is said by its centre&#39;s dispatcher or flight control.</p>
<h2 id="stock">Stock</h2>
<p><code>5</code>, <em>Stock</em>, shows what each centre has by component and group: how many units are at hand, for how many days they last at the pace at which
such units left in the last 14 days, and what expires within 48 hours, has expired, is quarantined, reserved or coming. A shelf that is pressed
lists its units, the first to expire on top; each tells its past.</p>
<p>Units are taken in one by one, by their bar codes (scanner, camera or typing), or by a supplier&#39;s list: a table (CSV, UTF-8) with the
columns <code>din</code>, <code>product_code</code>, <code>division</code>, <code>component</code>, <code>blood_group</code>, <code>mass_g</code>, <code>expires_at</code> and <code>site</code>, of which the ones that stand on
the bag may be as a scanner types them. The page shows first what becomes of each line; nothing is added while a line is refused, and a list
that comes twice adds nothing. A unit that is on record with another group, component or expiry is refused: one of the two is wrong.</p>
<p>Chosen units are quarantined, released, discarded, taken back from a hospital, sent to another centre by road and taken in there, each
with a reason where it needs one, and all of them or none. What is quarantined, on the road or expired is proposed to nobody. A unit
that was sealed for a delivery, or that a journey made unfit, is not released any more. <em>Count</em> compares the bags that are scanned
at a shelf with the record, and changes nothing.</p>
<h2 id="the-policy">The policy</h2>
<p>What a blood service decides (O RhD-negative units kept in reserve and for whom, how far substitution may go, what a patient of unknown
group gets first and from how many units on a physician reviews it, whether a request may be served in parts, which proposals become
deliveries without a person, whether another person must check the units, whether a ward must say that its pad is clear before the drone
leaves (<code>pad_clear</code>, <code>release</code>) or descends (<code>descent</code>), wind limits by class of aircraft) is a text with versions: <code>hemolift policy</code>
prints the built-in one, which nobody has approved; yours is proposed and approved on the page <em>Policy and profiles</em>
(<a href="/help/quality#policy-and-profiles">quality</a>). Every delivery keeps the version that it was decided under.</p>
<p>How the optimiser is tried by itself, and a day played again, stands in <a href="/help/integrator">the integrator&#39;s page</a>.</p>
`,sections:[{id:`the-dispatcher`,title:`The dispatcher`,text:`


A blood centre's staff work on the live map, by keyboard: \`?\` lists the keys.



![A flight on its way](dispatcher.png)



The queue on the left has what is to be dispatched, the most urgent first, and what is in progress. \`J\` and \`K\` step through it,
\`Enter\` allocates the proposal that is shown. Then the panel asks for one step after another: another person's check, each unit
scanned into the box, the seal, the box loaded. \`A\` acknowledges an alarm and \`S\` shelves it ([flight control](flight-control.md#alarms)), \`N\` enters a request for a hospital that
called, \`Z\` closes airspace ([flight control](flight-control.md)).



`},{id:`why-this-drone`,title:`Why this drone`,text:`


Every proposal is one choice of a plan for all open requests together: units, centre, box, drone and second, decided level by level
(STAT requests unserved, STAT minutes late, then urgent, then routine, then units that would expire, substitution, energy), never by
weights. The panel names the next best drone and the level on which it loses, for every other drone the first rule that it breaks with
its numbers, and has a button for each other drone of your centre that could fly. When the world has moved on between the offer and the
press, nothing is allocated: the card says what has changed, and takes the new offer in one step. For a request that nobody
can serve it says what would have to change. *Why this* says what decided the units, the centre, the box, the drone, the route and the
pad.



`},{id:`when-something-goes-wrong`,title:`When something goes wrong`,text:`


A delivery fails when its drone is silent for two minutes, has turned back, has no way on, is down elsewhere or stands loaded for
five minutes without leaving (the panel says what keeps it); when its box is warm or will be before the hand-over; or when its pad,
its centre or, before it has left, its drone or box is out of service. The panel then ranks what can be done (another drone with the
same box, another delivery, another pad of the hospital, the road courier, going on), the certain before the doubtful and the least
late first, says what that costs other requests, and \`Enter\` does the first. In the air, or when its drone may be, a delivery is
*given up*: its units are called home, another delivery serves the request, and as long as none does it can be kept after all. A drone
that is never found is written off; one that landed unheard is opened by the ward. A unit that may not be used is set aside at packing,
and the request is planned anew.



A drone that was told to leave and did not is out of service for half an hour; its box is taken out once it has stood for five minutes.
One that stands on a hospital's pad for twenty minutes, or is out of service there, is told as an alarm with what keeps it; neither it
nor its pad is counted on until it flies home, is heard there, or people say that they took it away.



When a life-threatening request cannot be served in time and a drone in the air carries what it needs for a less urgent one, the panel
offers to divert it if the whole plan is better for that on the levels of STAT, with what the other hospital loses. That hospital is told
at once. Sites, pads, drones and boxes are taken out of service beside the zones (\`Z\`), its own pads by a hospital on its page;
a centre's dispatcher does so with what is that centre's, flight control with all. Each closure is ended by itself. That a drone was taken
away is said by its centre's dispatcher or flight control.



`},{id:`stock`,title:`Stock`,text:`


\`5\`, *Stock*, shows what each centre has by component and group: how many units are at hand, for how many days they last at the pace at which
such units left in the last 14 days, and what expires within 48 hours, has expired, is quarantined, reserved or coming. A shelf that is pressed
lists its units, the first to expire on top; each tells its past.



Units are taken in one by one, by their bar codes (scanner, camera or typing), or by a supplier's list: a table (CSV, UTF-8) with the
columns \`din\`, \`product_code\`, \`division\`, \`component\`, \`blood_group\`, \`mass_g\`, \`expires_at\` and \`site\`, of which the ones that stand on
the bag may be as a scanner types them. The page shows first what becomes of each line; nothing is added while a line is refused, and a list
that comes twice adds nothing. A unit that is on record with another group, component or expiry is refused: one of the two is wrong.



Chosen units are quarantined, released, discarded, taken back from a hospital, sent to another centre by road and taken in there, each
with a reason where it needs one, and all of them or none. What is quarantined, on the road or expired is proposed to nobody. A unit
that was sealed for a delivery, or that a journey made unfit, is not released any more. *Count* compares the bags that are scanned
at a shelf with the record, and changes nothing.



`},{id:`the-policy`,title:`The policy`,text:`


What a blood service decides (O RhD-negative units kept in reserve and for whom, how far substitution may go, what a patient of unknown
group gets first and from how many units on a physician reviews it, whether a request may be served in parts, which proposals become
deliveries without a person, whether another person must check the units, whether a ward must say that its pad is clear before the drone
leaves (\`pad_clear\`, \`release\`) or descends (\`descent\`), wind limits by class of aircraft) is a text with versions: \`hemolift policy\`
prints the built-in one, which nobody has approved; yours is proposed and approved on the page *Policy and profiles*
([quality](quality.md#policy-and-profiles)). Every delivery keeps the version that it was decided under.



How the optimiser is tried by itself, and a day played again, stands in [the integrator's page](integrator.md).

`}]},{name:`hospital`,title:`The hospital`,html:`<h1 id="the-hospital">The hospital</h1>
<p>A ward or transfusion department works on a phone or a narrow window.</p>
<p><img alt="A request on its way" loading="lazy" data-picture="1"></p>
<p><strong>Ask.</strong> Choose urgency, component, group and quantity. Before anything is sent the page says whether a drone can fly now, when its
units would be handed over, and by when nine in ten such flights were: the plan (with its wind and its queue) and what the flights
measured so far took beside theirs, of the same urgency and about as far ahead; those that wait still count too. How often earlier forecasts held stands below it; while
fewer than ten flights were measured there is the plan alone. A group that is not typed is said as such; sex, age and anti-D are asked for only because they may permit
RhD-positive units, and no name or number of a patient is. A request that was accepted has an id and is never lost. Each stands on
the phone until the server has answered: what is not sent is listed, and sent by itself when there is a line again, the most urgent
first, after a reload, another sign-in or an hour without a line too. The same order pressed again meanwhile is the same order. Of one
like it in the last ten minutes (hospital, component and group, by whomever), and of one whose needed-by has passed, the page asks
first. The centre&#39;s telephone (<code>phone</code> of <code>sites.csv</code>) is one tap away.</p>
<p><strong>Follow.</strong> One page has the time of arrival against needed-by, the steps, the map and the box&#39;s temperature against its range.
<em>No data</em> means that nobody knows; it never means <em>in range</em>. Until its box is sealed a request can be
amended and cancelled: amended, it waits again, and what was allocated to it is free. <em>All requests</em> finds those of
earlier days, by state, urgency, component and group.</p>
<p><strong>Show it to somebody.</strong> A ward or the centre makes a link for an ambulance or a theatre: whoever has it sees how far this one delivery
has come, when it lands and its box&#39;s temperature, without an account, and nothing of the patient, the group, units, persons or other
flights. It runs out after the hours chosen, and can be revoked.</p>
<p><strong>Notices.</strong> In the menu, <em>Notices</em> turns on Web Push for a browser, and says of which urgencies: STAT at first. One is told that a drone
is on its way, waits for the pad&#39;s word or has landed, that a box under way is out of range, or that a delivery does not come. At the
sign-out it ends. The server must be set up for that (<a href="/help/operator">operator</a>).</p>
<p><strong>The pad.</strong> Where the policy asks for it, say before the drone comes that the pad is clear and that you are there: it does not leave,
or holds before the pad, until then; one that nobody hears lands by its plan. Who sits at the centre or in flight control can say it for a
ward that telephones. A word holds for half an hour and for that pad, one that a drone was released by until it lands. Take it back when
an ambulance stands there: the drone holds, whatever the policy. One that waits too long is a critical alarm, and goes home while its
battery keeps the way.</p>
<p><strong>Receive.</strong> Look whether the seal is whole, type or scan its number (if it is not the one that the centre put on, do not open the box: call), then scan each unit: the symbols of its label in any
order, or what is printed with the check character; by a scanner, by the phone&#39;s camera (Code 128 and Data Matrix; browsers
give it to https pages only), or by hand. The cold chain&#39;s advice stands beside the scan, with the
rules that it rests on (<a href="/help/quality">quality</a>). Receiving a unit against the advice needs a reason, a unit that was frozen is
received by nobody, and what is not received is put into quarantine with a reason. If a drone landed unheard, say that it has landed:
the box can be opened then. The last unit ends the delivery: the page asks for the password
again. When the last unit is confirmed the drone takes off for home as soon as it may: put the
box back in its bay and stand clear before you confirm.</p>
<p><strong>Pads.</strong> A hospital takes its own pads out of service on its page, with a reason and an end, and into service again.</p>
`,sections:[{id:`the-hospital`,title:`The hospital`,text:`


A ward or transfusion department works on a phone or a narrow window.



![A request on its way](hospital.png)



**Ask.** Choose urgency, component, group and quantity. Before anything is sent the page says whether a drone can fly now, when its
units would be handed over, and by when nine in ten such flights were: the plan (with its wind and its queue) and what the flights
measured so far took beside theirs, of the same urgency and about as far ahead; those that wait still count too. How often earlier forecasts held stands below it; while
fewer than ten flights were measured there is the plan alone. A group that is not typed is said as such; sex, age and anti-D are asked for only because they may permit
RhD-positive units, and no name or number of a patient is. A request that was accepted has an id and is never lost. Each stands on
the phone until the server has answered: what is not sent is listed, and sent by itself when there is a line again, the most urgent
first, after a reload, another sign-in or an hour without a line too. The same order pressed again meanwhile is the same order. Of one
like it in the last ten minutes (hospital, component and group, by whomever), and of one whose needed-by has passed, the page asks
first. The centre's telephone (\`phone\` of \`sites.csv\`) is one tap away.



**Follow.** One page has the time of arrival against needed-by, the steps, the map and the box's temperature against its range.
*No data* means that nobody knows; it never means *in range*. Until its box is sealed a request can be
amended and cancelled: amended, it waits again, and what was allocated to it is free. *All requests* finds those of
earlier days, by state, urgency, component and group.



**Show it to somebody.** A ward or the centre makes a link for an ambulance or a theatre: whoever has it sees how far this one delivery
has come, when it lands and its box's temperature, without an account, and nothing of the patient, the group, units, persons or other
flights. It runs out after the hours chosen, and can be revoked.



**Notices.** In the menu, *Notices* turns on Web Push for a browser, and says of which urgencies: STAT at first. One is told that a drone
is on its way, waits for the pad's word or has landed, that a box under way is out of range, or that a delivery does not come. At the
sign-out it ends. The server must be set up for that ([operator](operator.md)).



**The pad.** Where the policy asks for it, say before the drone comes that the pad is clear and that you are there: it does not leave,
or holds before the pad, until then; one that nobody hears lands by its plan. Who sits at the centre or in flight control can say it for a
ward that telephones. A word holds for half an hour and for that pad, one that a drone was released by until it lands. Take it back when
an ambulance stands there: the drone holds, whatever the policy. One that waits too long is a critical alarm, and goes home while its
battery keeps the way.



**Receive.** Look whether the seal is whole, type or scan its number (if it is not the one that the centre put on, do not open the box: call), then scan each unit: the symbols of its label in any
order, or what is printed with the check character; by a scanner, by the phone's camera (Code 128 and Data Matrix; browsers
give it to https pages only), or by hand. The cold chain's advice stands beside the scan, with the
rules that it rests on ([quality](quality.md)). Receiving a unit against the advice needs a reason, a unit that was frozen is
received by nobody, and what is not received is put into quarantine with a reason. If a drone landed unheard, say that it has landed:
the box can be opened then. The last unit ends the delivery: the page asks for the password
again. When the last unit is confirmed the drone takes off for home as soon as it may: put the
box back in its bay and stand clear before you confirm.



**Pads.** A hospital takes its own pads out of service on its page, with a reason and an end, and into service again.

`}]},{name:`flight-control`,title:`Flight control`,html:`<h1 id="flight-control">Flight control</h1>
<p>Flight controllers begin on their own console, <code>/control</code>: on top how many drones are in the air, boxes in range, the least energy
beyond what a flight needs, who is on shift; then every aircraft in a strip, the alarmed first, then what runs out first; below, the
alarms. On the right is the chosen flight: its map, who has it, its alarms, the box, the air, height, battery and link on one cursor
(drag to zoom, double click for all), and its commands. <code>J</code> and <code>K</code> go from strip to strip. The live map of all centres is one tab away.</p>
<p><img alt="The console with a box out of its range" loading="lazy" data-picture="2"></p>
<h2 id="alarms">Alarms</h2>
<p>Each alarm names the drone or box, what is wrong, and the delivery that it concerns. Its value is what is measured now; beside it stand
the limit, what was worst, or when the forecast comes to the limit. A condition that comes and goes is one row, which says how often and
that it chatters. One list is behind the header&#39;s counter, on every page: <em>unacknowledged</em> before <em>acknowledged</em> before <em>returned,
unacknowledged</em> (over, and nobody has seen it), then by priority, then by what runs out first. The bars above it are the alarms of each
ten minutes, against a target of one; more than ten is a flood. The kinds, and what each asks for, are in
dispatch/delivery/alarm.go.</p>
<ul>
<li><code>A</code> acknowledges the alarm whose row has the focus, without one the first that nobody has seen. Its sound ends, the row stays.</li>
<li><code>S</code> shelves it: it is silent for 5 to 30 minutes, for a reason that you write down. An alarm about what the units go through (box
temperature, silence, sensor) stays loud until a second person of another role confirms the shelf. When the shelf runs out it has to be
seen again; a condition that comes back meanwhile stays on the shelf.</li>
<li>A lost link counts down to what the aircraft does by itself, where its class says so (<code>lost_link_s</code>, <code>lost_link_does</code>: return, land,
hold or continue, in <code>aircraft.csv</code>).</li>
<li>While no drone is heard, one alarm says so and those of the drones are <em>suppressed</em>: it is the server&#39;s own link.</li>
</ul>
<p>A drone beside its route, off its height, or behind its planned landing tells of it after two seconds, and until it is well within again
(four fifths of the limit); one short of energy until it has a percent more than it needs. The limits are those of its class, the optional
columns <code>lateral_m</code>, <code>vertical_m</code> and <code>delay_min</code> of <code>aircraft.csv</code>, or else 150 m, 30 m and 5 min (product choices). Height counts from
300 m behind the start of its way to 300 m before its end. The strip shows in colour what is outside.</p>
<h2 id="who-has-a-flight">Who has a flight</h2>
<p><em>Take</em> makes a flight yours, for all to see. <em>Hand over</em> offers it to somebody on shift, or to anybody; it stays yours until it is taken.
Taking one that another controller has and did not offer names them, so that of two who press at once the second is told.</p>
<p><em>Shift notes</em> are what one shift leaves to the next. They stand in the log for good.</p>
<h2 id="commands">Commands</h2>
<p><em>Hold</em> has a drone hover, <em>return</em> brings it home by a way around the zones, <em>resume</em> lets it go on. Each is held for 0.8 s to confirm, and
the page says what the drone answered and after how long. A drone that hovers has no time of arrival, anywhere. What flight
control ordered a dispatcher does not undo. Where the policy wants a ward&#39;s word before the descent, the server itself has a drone hold
before the pad; <em>resume</em> is refused until somebody says for the ward that the pad is clear. Each is sent again until the
drone acknowledges it; one that no drone answers within a minute is told as an alarm.</p>
<p><em>Divert</em>: a drone in the air has up to three alternate pads, each with the way, the time, what its battery keeps beyond the reserve and
what its boxes have left there. Choose one and hold. The pad must be free and in service then; the drone may come there with its reserve,
which is for that. Its delivery is not landed there: the desk is told at once, with what can be done instead, and on the alternate pad the
drone is <em>down elsewhere</em> until people take it away. It can be sent back to its goal, while it flies, as to any other pad.</p>
<p><em>Land here</em> is the last resort, and takes two persons: one asks, everybody is told by an alarm, and another one confirms what that one
asked within two minutes; of two who ask at once the second is told. The drone comes down where it is. On its way down it obeys hold,
return and divert.</p>
<p>A leg is released only when all of these hold, in this order: the drone has taken the plan, it is heard, nothing of it is out of
service, no zone lies on its way, the wind is within its class&#39;s limit, the battery has the flight&#39;s energy with contingency and
reserve, its pad is free, its boxes are heard, they will be within their limits at the hand-over, the drone is where its way
begins, and its ward has said that the pad is clear, where the policy asks for that. The first that does not hold is what the panel says the drone waits for.</p>
<h2 id="close-airspace-for-a-while">Close airspace for a while</h2>
<p>A dispatcher or a flight controller presses <code>Z</code> on the live map, clicks the corners of a zone, names it and says for how long.
It counts from that moment: every later route avoids it, missions on the ground get another plan, drones in the air another way
to their goal, and the panel lists each with what became of it. A drone without a way on is told to hover; one inside is shown
with its shortest way out, for a person to decide. Holding <em>open</em> ends the zone.</p>
<p>A network&#39;s lasting zones come from <code>zones.geojson</code>, <code>zones.ed269.json</code> or <code>zones.ed318.json</code> in its directory, and
<code>GET /api/v1/zones?format=geojson|ed269|ed318</code> exports what counts now.</p>
`,sections:[{id:`flight-control`,title:`Flight control`,text:`


Flight controllers begin on their own console, \`/control\`: on top how many drones are in the air, boxes in range, the least energy
beyond what a flight needs, who is on shift; then every aircraft in a strip, the alarmed first, then what runs out first; below, the
alarms. On the right is the chosen flight: its map, who has it, its alarms, the box, the air, height, battery and link on one cursor
(drag to zoom, double click for all), and its commands. \`J\` and \`K\` go from strip to strip. The live map of all centres is one tab away.



![The console with a box out of its range](flight-control.png)



`},{id:`alarms`,title:`Alarms`,text:`


Each alarm names the drone or box, what is wrong, and the delivery that it concerns. Its value is what is measured now; beside it stand
the limit, what was worst, or when the forecast comes to the limit. A condition that comes and goes is one row, which says how often and
that it chatters. One list is behind the header's counter, on every page: *unacknowledged* before *acknowledged* before *returned,
unacknowledged* (over, and nobody has seen it), then by priority, then by what runs out first. The bars above it are the alarms of each
ten minutes, against a target of one; more than ten is a flood. The kinds, and what each asks for, are in
[dispatch/delivery/alarm.go](../dispatch/delivery/alarm.go).



- \`A\` acknowledges the alarm whose row has the focus, without one the first that nobody has seen. Its sound ends, the row stays.
- \`S\` shelves it: it is silent for 5 to 30 minutes, for a reason that you write down. An alarm about what the units go through (box
  temperature, silence, sensor) stays loud until a second person of another role confirms the shelf. When the shelf runs out it has to be
  seen again; a condition that comes back meanwhile stays on the shelf.
- A lost link counts down to what the aircraft does by itself, where its class says so (\`lost_link_s\`, \`lost_link_does\`: return, land,
  hold or continue, in \`aircraft.csv\`).
- While no drone is heard, one alarm says so and those of the drones are *suppressed*: it is the server's own link.



A drone beside its route, off its height, or behind its planned landing tells of it after two seconds, and until it is well within again
(four fifths of the limit); one short of energy until it has a percent more than it needs. The limits are those of its class, the optional
columns \`lateral_m\`, \`vertical_m\` and \`delay_min\` of \`aircraft.csv\`, or else 150 m, 30 m and 5 min (product choices). Height counts from
300 m behind the start of its way to 300 m before its end. The strip shows in colour what is outside.



`},{id:`who-has-a-flight`,title:`Who has a flight`,text:`


*Take* makes a flight yours, for all to see. *Hand over* offers it to somebody on shift, or to anybody; it stays yours until it is taken.
Taking one that another controller has and did not offer names them, so that of two who press at once the second is told.



*Shift notes* are what one shift leaves to the next. They stand in the log for good.



`},{id:`commands`,title:`Commands`,text:`


*Hold* has a drone hover, *return* brings it home by a way around the zones, *resume* lets it go on. Each is held for 0.8 s to confirm, and
the page says what the drone answered and after how long. A drone that hovers has no time of arrival, anywhere. What flight
control ordered a dispatcher does not undo. Where the policy wants a ward's word before the descent, the server itself has a drone hold
before the pad; *resume* is refused until somebody says for the ward that the pad is clear. Each is sent again until the
drone acknowledges it; one that no drone answers within a minute is told as an alarm.



*Divert*: a drone in the air has up to three alternate pads, each with the way, the time, what its battery keeps beyond the reserve and
what its boxes have left there. Choose one and hold. The pad must be free and in service then; the drone may come there with its reserve,
which is for that. Its delivery is not landed there: the desk is told at once, with what can be done instead, and on the alternate pad the
drone is *down elsewhere* until people take it away. It can be sent back to its goal, while it flies, as to any other pad.



*Land here* is the last resort, and takes two persons: one asks, everybody is told by an alarm, and another one confirms what that one
asked within two minutes; of two who ask at once the second is told. The drone comes down where it is. On its way down it obeys hold,
return and divert.



A leg is released only when all of these hold, in this order: the drone has taken the plan, it is heard, nothing of it is out of
service, no zone lies on its way, the wind is within its class's limit, the battery has the flight's energy with contingency and
reserve, its pad is free, its boxes are heard, they will be within their limits at the hand-over, the drone is where its way
begins, and its ward has said that the pad is clear, where the policy asks for that. The first that does not hold is what the panel says the drone waits for.



`},{id:`close-airspace-for-a-while`,title:`Close airspace for a while`,text:`


A dispatcher or a flight controller presses \`Z\` on the live map, clicks the corners of a zone, names it and says for how long.
It counts from that moment: every later route avoids it, missions on the ground get another plan, drones in the air another way
to their goal, and the panel lists each with what became of it. A drone without a way on is told to hover; one inside is shown
with its shortest way out, for a person to decide. Holding *open* ends the zone.



A network's lasting zones come from \`zones.geojson\`, \`zones.ed269.json\` or \`zones.ed318.json\` in its directory, and
\`GET /api/v1/zones?format=geojson|ed269|ed318\` exports what counts now.

`}]},{name:`quality`,title:`Quality`,html:`<h1 id="quality">Quality</h1>
<p>What a temperature means, what it will be, and what stays on record.</p>
<p><img alt="The boxes that hold units" loading="lazy" data-picture="3"></p>
<p>The panel of a flight shows the payload&#39;s curve against its range, gaps as gaps, how soon a limit will be reached (an early bound
and a median), the margin at the hand-over and at every other pad in reach. A box is <em>near its limit</em> when the forecast says so,
before the temperature does; one that is silent, too warm or would be before the hand-over is not released. <code>3</code> opens the
cold-chain view of all boxes. At the ward each unit has a verdict with its rules and the version of its profile; receiving a unit
against the advice needs a reason, a frozen one is received by nobody, and what a person decided is kept. The record of a
delivery comes as JSON, a curve and a printed page, its readings as CSV (<code>GET …/temperatures?csv=spreadsheet</code> with <code>Accept: text/csv</code>); a logger&#39;s CSV file can be laid beside it.</p>
<pre tabindex="0"><code>go run ./cmd/hemolift demo -lang en -forgotten 1   # boxes packed unfrozen, lids ajar, in the sun
go run ./cmd/hemolift coldchain profiles           # the temperature profiles: standard, edition, confidence
go run ./cmd/hemolift coldchain judge -profile hemolift-rbc-2-10 TRACE.csv
go run ./cmd/hemolift coldchain logger -profile hemolift-rbc-2-10 -box BX-025 -zone Asia/Shanghai LOGGER.csv
go run ./cmd/hemolift qualify telemetry/coldchain/vectors/testdata/*.json dispatch/label/testdata/*.json   # vectors, by the server&#39;s own functions
go run ./cmd/hemolift label &#39;]C0=A99992612345600&#39; &#39;=&lt;E0398V00&#39; &#39;G1234 17 654321 A&#39;   # what each scan of a label says, or why it is refused
</code></pre>
<p>One reader serves <code>judge</code>, <code>logger</code> and the page: UTF-8, UTF-16, Windows-1252 and GB18030; commas, semicolons and tabs; decimal
commas; lines before the header; °C, °F and K by the name, the cells or a line before; times with and without an offset, in two
columns, since 1970 or since the start. A column is known by what its name means: a dew point, a set point or a minimum is no probe.
What was read, assumed and left out stands in the answer (<code>lines</code>); what cannot be told, as whether the day or the month comes first,
is refused with the flag that tells it (<code>-zone</code>, <code>-unit</code>, <code>-dates</code>, <code>-columns</code>), and so is a file that says two things: another header
or unit among its lines, figures under no name, one instant for all lines. A line that cannot be read is <em>unmonitored</em> from the
reading before it to the next one (it counts in <code>gap_s</code>), and beside a reading out of range or at the end of the record it means
quarantine; <code>HI</code>, <code>OL</code> or <code>&lt;-40</code> are evidence of that side. Samples after the forms of LogTag, Elitech, Berlinger, Testo, HOBO, Lascar, MadgeTech and Chinese
exports stand in telemetry/coldchain/readings, each with the public text that shows the
form; none was found for DeltaTrak&#39;s and for TempTale Manager&#39;s CSV.</p>
<p>A trace has the columns <code>time_s,temp_c[,probe2_c,ambient_c,lid]</code>; readings further apart than the profile&#39;s longest gap (5 minutes for red
cells) are unmonitored between, so a sparse trace asks for quarantine and shows no excursion. <code>coldchain profiles -csv</code> prints the built-in profiles.</p>
<h2 id="policy-and-profiles">Policy and profiles</h2>
<p>By the policy units are chosen and checked, by the temperature profiles boxes are judged. Both have versions, on the page
<em>Policy and profiles</em>. <strong>Nobody has approved the built-in ones</strong>, and the page says so until you do.</p>
<ol>
<li>An administrator or quality proposes a version: <em>Propose a change</em>, rows changed on the page or a CSV file taken in, <em>Look at the changes</em>, a
reason. What cannot be read, and profiles that lack one by which a box design is judged, are told by line and column and not proposed.</li>
<li>Another person of quality looks at it: what was and what is, by row and column, and the whole text as CSV. They approve it, at once or
from a time on, or reject it with a reason; in a browser both take the password. Who proposed a version cannot approve it. One that was approved and
does not count yet can still be stopped.</li>
<li>At its time it takes effect without a restart, if it still fits the network; otherwise the one before goes on, the page and the log of
the server say why, and it takes effect as soon as it does fit, unless one for a later time has taken effect before. A line of a profile
counts from its own <code>valid_from</code> on, where that is later. <strong>A box is judged by the profiles that counted when it was packed</strong>, whatever has taken effect since.</li>
</ol>
<p>The texts are kept for good with who proposed and decided, when, why and from when. Programs do the same by <code>/documents</code>.</p>
<h2 id="signing-a-record">Signing a record</h2>
<p>An account of the role <code>quality</code> signs the cold-chain records of deliveries that have ended, on the page <em>Records</em> or by
<code>POST /deliveries/{id}/signatures</code>: it accepts the journey and what was decided about each unit, or rejects it with a reason. In a browser each
signature takes the password. What is signed is the record that was shown, by the SHA-256 of what it states (box, profile, readings, advice and
decisions): when it has changed since, nothing is signed. Name, time, meaning and digest are kept for good and printed with the
record; a signature of an earlier state says so. The signature is an entry of the server&#39;s, not one of a person&#39;s own key. <em>Records</em> lists
what nobody has signed yet, or not since a logger&#39;s file was last laid beside it.</p>
<h2 id="who-did-what">Who did what</h2>
<p>Every step of a delivery is a custody event with its person, time and scan. Which role may do what stands in one table
(dispatch/delivery/permit.go); what it does not list is refused. The units are checked by another
person than the one who allocated them where the policy says so.</p>
`,sections:[{id:`quality`,title:`Quality`,text:`


What a temperature means, what it will be, and what stays on record.



![The boxes that hold units](quality.png)



The panel of a flight shows the payload's curve against its range, gaps as gaps, how soon a limit will be reached (an early bound
and a median), the margin at the hand-over and at every other pad in reach. A box is *near its limit* when the forecast says so,
before the temperature does; one that is silent, too warm or would be before the hand-over is not released. \`3\` opens the
cold-chain view of all boxes. At the ward each unit has a verdict with its rules and the version of its profile; receiving a unit
against the advice needs a reason, a frozen one is received by nobody, and what a person decided is kept. The record of a
delivery comes as JSON, a curve and a printed page, its readings as CSV (\`GET …/temperatures?csv=spreadsheet\` with \`Accept: text/csv\`); a logger's CSV file can be laid beside it.



    go run ./cmd/hemolift demo -lang en -forgotten 1   # boxes packed unfrozen, lids ajar, in the sun
    go run ./cmd/hemolift coldchain profiles           # the temperature profiles: standard, edition, confidence
    go run ./cmd/hemolift coldchain judge -profile hemolift-rbc-2-10 TRACE.csv
    go run ./cmd/hemolift coldchain logger -profile hemolift-rbc-2-10 -box BX-025 -zone Asia/Shanghai LOGGER.csv
    go run ./cmd/hemolift qualify telemetry/coldchain/vectors/testdata/*.json dispatch/label/testdata/*.json   # vectors, by the server's own functions
    go run ./cmd/hemolift label ']C0=A99992612345600' '=<E0398V00' 'G1234 17 654321 A'   # what each scan of a label says, or why it is refused



One reader serves \`judge\`, \`logger\` and the page: UTF-8, UTF-16, Windows-1252 and GB18030; commas, semicolons and tabs; decimal
commas; lines before the header; °C, °F and K by the name, the cells or a line before; times with and without an offset, in two
columns, since 1970 or since the start. A column is known by what its name means: a dew point, a set point or a minimum is no probe.
What was read, assumed and left out stands in the answer (\`lines\`); what cannot be told, as whether the day or the month comes first,
is refused with the flag that tells it (\`-zone\`, \`-unit\`, \`-dates\`, \`-columns\`), and so is a file that says two things: another header
or unit among its lines, figures under no name, one instant for all lines. A line that cannot be read is *unmonitored* from the
reading before it to the next one (it counts in \`gap_s\`), and beside a reading out of range or at the end of the record it means
quarantine; \`HI\`, \`OL\` or \`<-40\` are evidence of that side. Samples after the forms of LogTag, Elitech, Berlinger, Testo, HOBO, Lascar, MadgeTech and Chinese
exports stand in [telemetry/coldchain/readings](../telemetry/coldchain/readings/makers_test.go), each with the public text that shows the
form; none was found for DeltaTrak's and for TempTale Manager's CSV.



A trace has the columns \`time_s,temp_c[,probe2_c,ambient_c,lid]\`; readings further apart than the profile's longest gap (5 minutes for red
cells) are unmonitored between, so a sparse trace asks for quarantine and shows no excursion. \`coldchain profiles -csv\` prints the built-in profiles.



`},{id:`policy-and-profiles`,title:`Policy and profiles`,text:`


By the policy units are chosen and checked, by the temperature profiles boxes are judged. Both have versions, on the page
*Policy and profiles*. **Nobody has approved the built-in ones**, and the page says so until you do.



1. An administrator or quality proposes a version: *Propose a change*, rows changed on the page or a CSV file taken in, *Look at the changes*, a
   reason. What cannot be read, and profiles that lack one by which a box design is judged, are told by line and column and not proposed.
2. Another person of quality looks at it: what was and what is, by row and column, and the whole text as CSV. They approve it, at once or
   from a time on, or reject it with a reason; in a browser both take the password. Who proposed a version cannot approve it. One that was approved and
   does not count yet can still be stopped.
3. At its time it takes effect without a restart, if it still fits the network; otherwise the one before goes on, the page and the log of
   the server say why, and it takes effect as soon as it does fit, unless one for a later time has taken effect before. A line of a profile
   counts from its own \`valid_from\` on, where that is later. **A box is judged by the profiles that counted when it was packed**, whatever has taken effect since.



The texts are kept for good with who proposed and decided, when, why and from when. Programs do the same by \`/documents\`.



`},{id:`signing-a-record`,title:`Signing a record`,text:`


An account of the role \`quality\` signs the cold-chain records of deliveries that have ended, on the page *Records* or by
\`POST /deliveries/{id}/signatures\`: it accepts the journey and what was decided about each unit, or rejects it with a reason. In a browser each
signature takes the password. What is signed is the record that was shown, by the SHA-256 of what it states (box, profile, readings, advice and
decisions): when it has changed since, nothing is signed. Name, time, meaning and digest are kept for good and printed with the
record; a signature of an earlier state says so. The signature is an entry of the server's, not one of a person's own key. *Records* lists
what nobody has signed yet, or not since a logger's file was last laid beside it.



`},{id:`who-did-what`,title:`Who did what`,text:`


Every step of a delivery is a custody event with its person, time and scan. Which role may do what stands in one table
([dispatch/delivery/permit.go](../dispatch/delivery/permit.go)); what it does not list is refused. The units are checked by another
person than the one who allocated them where the policy says so.

`}]},{name:`operator`,title:`The operator`,html:`<h1 id="the-operator">The operator</h1>
<p>One program, one data directory.</p>
<p><img alt="The live map of a running server" loading="lazy" data-picture="0"></p>
<pre tabindex="0"><code>hemolift serve -network DIR -addr 0.0.0.0:8443 -tls-cert CERT.pem -tls-key KEY.pem
</code></pre>
<p><strong>The record.</strong> <code>serve</code> keeps everything in a private PostgreSQL under <code>-data</code>, or in the database that <code>DATABASE_URL</code> names, as
<code>DATABASE_URL=postgres://hemolift@db.example/hemolift</code>. In the private one the server runs as a role that owns nothing: it may add to the
log, to custody, verdicts, samples and files, and change or delete none of it. Of your own database give it both roles,</p>
<pre tabindex="0"><code>CREATE ROLE hemolift_owner LOGIN PASSWORD &#39;…&#39;; CREATE ROLE hemolift_server LOGIN PASSWORD &#39;…&#39;;
CREATE DATABASE hemolift OWNER hemolift_owner;
DATABASE_OWNER_URL=postgres://hemolift_owner:…@db.example/hemolift DATABASE_URL=postgres://hemolift_server:…@db.example/hemolift
</code></pre>
<p>and it migrates as the owner and works as the other; the rights are given at each start. With <code>DATABASE_URL</code> alone a role that owns the
database is enough, and the start warns that a fault of the server could change the log then. Statements and locks have time-outs; a private
database has checksums. A full disk makes <code>/readyz</code> answer 503 and what would write be refused with 503, not lost. A
server whose private PostgreSQL dies ends with one line instead of going on without it. <code>hemolift migrate</code> brings a database to the
newest schema; <code>serve</code> does so too when it starts. One server decides on a record at a time: a second one waits for 15 s and is refused, and one that
loses its connection for it ends at once. (It is an advisory lock of a session: a pooler between the two must not share sessions.)</p>
<p><strong>People.</strong> The first start prints a link by which the person of <code>admin</code> chooses its password, once, within 48 hours; each later start
prints another one while no administrator has a password. Put the server&#39;s address that people use in place of the one it listens on. On the
page <em>Admin, People</em> an administrator adds accounts (name, role, and the hospital or blood centre that it belongs to) and gets a link for each,
to be given to its person alone. The same button makes a link for who forgot the password. An account that is disabled, or gets another role or
site, is out at once, everywhere, and so is its link. When the only administrator has lost the password, start <code>serve</code> once with
<code>-invite admin</code>. An administrator with a site manages that site&#39;s accounts. In a browser the management of accounts asks for the
password again after ten minutes. By a token it does not: keep administrators&#39; tokens as you keep passwords.</p>
<pre tabindex="0"><code>curl -fsS $URL/api/v1/accounts -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d \\
  &#39;{&quot;login&quot;:&quot;li.na&quot;,&quot;name_zh&quot;:&quot;李娜&quot;,&quot;name_en&quot;:&quot;Li Na&quot;,&quot;role&quot;:&quot;hospital&quot;,&quot;site&quot;:&quot;SY06&quot;}&#39;
</code></pre>
<p>answers with the token of <code>/invitation#TOKEN</code>; a program without a page sends it, with the body <code>{&quot;password&quot;:&quot;…&quot;}</code>, in the header <code>Invitation-Token</code> of
<code>POST /api/v1/invitation</code>. A link for
a new password leaves the old one good until it is used: disable an account whose password was stolen. People change their own password
under <em>Where I am signed in</em>: 12 characters or more, and nothing that is guessed soon.</p>
<p><strong>Passkeys.</strong> With <code>-page https://blood.example</code>, the address of the server as browsers know it, people may sign in by a passkey: the finger, face
or PIN of a phone, a computer or a security key. Each adds their own under <em>Where I am signed in</em>, and removes it there. A passkey confirms what asks
for the password again, too; signing a record asks for the password. Who comes by an identity provider that says their roles has none here. It belongs to the name in the address: under another name all are made anew. A link for a
new password ends an account&#39;s passkeys.</p>
<p><strong>By your identity provider.</strong> People may sign in by an OpenID Connect provider (Keycloak, Entra ID, a hospital&#39;s own) beside their passwords:</p>
<pre tabindex="0"><code>hemolift serve … -oidc-issuer https://id.hospital.example/realms/blood -oidc-client hemolift -oidc-secret /etc/hemolift/oidc-secret \\
  -page https://blood.example -oidc-name &#39;Hospital account&#39; -oidc-claim groups -oidc-roles /etc/hemolift/oidc-roles.csv
</code></pre>
<p>At the provider, register a web client with the code flow and the address <code>https://blood.example/auth/callback</code> to come back to, and let it tell the
claim (in the token or at its userinfo). The file of roles says what each value of the claim is here, in columns <code>value,role,site</code>:</p>
<pre tabindex="0"><code>value,role,site
blood-dispatch,dispatcher,SYBC
ward-6,requester,SY06
ward-6,receiver,SY06
quality,quality,
</code></pre>
<p>Whoever has such a value gets an account at the first sign-in, and at each further one the roles that the file gives then; with values of two sites,
or of none, nobody is let in. Who is somebody is told by the provider&#39;s issuer and subject: a name that an account here has already is not given away. Its person
signs in by password and, within ten minutes, joins the two under <em>Where I am signed in</em>; such an account keeps the roles that it has here. Without <code>-oidc-roles</code> only joined
accounts may come.</p>
<p>Who comes so has no password here: where it is asked for, as for a signature or to give rights, the page offers the provider, which asks the
person again in a page beside it (<code>prompt=login</code>, and the time in <code>auth_time</code>, a minute before at most: the provider must tell it); one signature
counts within a minute of that. What gives rights counts for ten minutes, also after a sign-in at which the provider asked, not after one at which it
knew the browser. An account may be given an invitation, too: its person then has a password.</p>
<p>What the provider says is asked at each sign-in, not between: disable an account here to have it out at once. When the provider does not answer, passwords go on. If its
certificate is signed by an authority of your own, name it with <code>-oidc-ca</code>; when its addresses change, start the server anew.</p>
<p><strong>Roles.</strong> Five kinds of account have their rights in one table
(permit.go): <code>dispatcher</code> (a blood centre&#39;s), <code>hospital</code> (a ward&#39;s), <code>controller</code> (flight control), <code>quality</code>
(reads everything, signs cold-chain records, judges quarantined units) and <code>admin</code>. Other roles are a part of one of them: <code>requester</code> and
<code>receiver</code> of a hospital&#39;s, <code>issuer</code> and <code>monitor</code> of a centre&#39;s are shipped. A site&#39;s own come from <code>roles.csv</code> in the directory of
<code>-network</code>, which then stands in the place of the shipped ones:</p>
<pre tabindex="0"><code>role,name_zh,name_en,like,only,without
stock_keeper,库管,stock keeper,dispatcher,signOut getNetwork listUnits listShelves moveUnits,moveUnits/discard
</code></pre>
<p><code>like</code> is the kind; <code>only</code> lists the operations that are kept (empty: all), <code>without</code> those that are taken away, by the names of
<a href="/api.yaml">the API</a>, one standing for those beneath it. No role may more than its kind. <code>hemolift network check DIR</code> refuses names that
there are not. An account may have several roles for the same kind of site; it may what any of them may. Who has a role that the file names no
longer may nothing by it.</p>
<p><strong>Stock.</strong> Centres&#39; staff keep their units on the page <em>Stock</em> (<a href="/help/dispatcher#stock">the dispatcher</a>); programs by <code>POST /units</code>, a
supplier&#39;s list by <code>POST /unit-lists</code> (CSV, <code>preview=true</code> first).</p>
<p><strong>Log.</strong> The page <em>Log</em> searches what was decided, shown and done by person, subject (a unit, delivery, request, device, alarm, account),
kind and time, and saves it as CSV; programs by <code>GET /audit</code>.</p>
<p><strong>Devices.</strong> Each drone and box has a secret of its own (<a href="/help/devices">devices</a>). On the page <em>Devices</em>, beside <em>People</em>, an administrator makes a
code for one, which is typed or scanned at the device: it gets its secret for it, once, within an hour, and the old secret ends. The page
says since when each has its secret, when it was last heard, and what it needs soon.</p>
<p>Each device has a page of its own: its maintenance log, its flights and flight hours or the deliveries that it was packed for, the
calibrations of its probes, when it was out of service. What an entry says is due again, by a day or by flight hours, is a warning
from 30 days or 10 hours before on, in the list too; it stops nothing: take a device out of service to keep it on the ground. An
entry is never changed. One that is wrong is struck with a reason, and stays to be read. <em>Take the secret away</em> cuts a device off at once,
when it is lost or stolen. Flights are counted from a take-off to the landing after it, as the drone reported them.</p>
<p><strong>Is all well?</strong> <code>hemolift doctor</code>, with the flags of <code>serve</code>, looks at the clock, the certificates, the files, the disk, the record and its
schema, the ports, and with <code>-backups DIR</code> and <code>-archive DIR</code> at those; it changes nothing, and its exit status is 1 when something is bad.
<code>-bundle FILE.zip</code> writes what somebody who helps needs: the findings, versions, settings and the sizes of tables, nothing of patients, people or
secrets. <code>serve -log-json</code> logs a line of JSON for each event.
deploy has units for systemd (the server, and a backup each night), a file for a container (not built in this project&#39;s tests: the
place has no registry of images), completion for bash, alerts for Prometheus, which asks <code>/metrics</code> with an administrator&#39;s token
(<code>&quot;only&quot;:[&quot;metrics&quot;]</code> limits it to that), and a dashboard for Grafana.</p>
<p><strong>How large the record grows.</strong> About 0.6 MB a delivery, with positions and temperatures of each second that something flew: 20 deliveries a
day are 4 to 5 GB a year; twelve drones in the air day and night, 225 deliveries a day, were 130 MB a day, 48 GB a year (the demonstration,
2026-11-28, 19 hours of its time). Two thirds of it are positions.</p>
<p><strong>Samples of long ago</strong> become compact after 90 days (<code>-compact-after DAYS</code>; 0: never; 14 at least): what a device sampled within an hour
is one compressed CSV file in the record, with its SHA-256. Temperatures are kept whole; of positions so many that a straight line between them
passes the others within 5 m (<code>-thin-within M</code>; 0: all stay). What a drone said between, as its battery and its wind, goes with the
positions that go. Pages, records and verdicts read both, a backup&#39;s trial compares the sums, and what is damaged is told and never read as a
temperature. A day&#39;s samples are dropped only when its hours tell of as many, of each device in each hour. Ten hours of the demonstration (92 deliveries, 2026-11-29) held 103,734 positions and 55,081 temperatures: 27 MB,
2.8 MB when compact, with 53,628 of the positions; the whole database 51 MB and 27 MB. By that, 20 deliveries a day are 4 to 5 GB in the
first year and 2 GB in each further one.</p>
<p><strong>Many years.</strong> What is under way is found without reading what has been: with ten years of a busy line on record (1 million requests,
250,000 deliveries, 5 million log events) the board, a request and a round of the planner take as long as on an empty record (<code>make bench-years</code>).
The server tells PostgreSQL to plan each statement once, without its compiler (<code>plan_cache_mode</code>, <code>jit</code>); a DATABASE_URL need not.</p>
<p><strong>Many screens.</strong> At most 10,000 live connections (<code>-viewers N</code>), each about 16 kB; who comes later is answered 503 until another goes. Of one
account 200. Ticks are 50 ms apart with few screens, and up to 200 ms with many.</p>
<p><strong>Backup.</strong> Two things on another disk, better on another machine&#39;s: the log while it is written, and a backup each night.</p>
<pre tabindex="0"><code>mkdir -p /backup/log                                                      # serve does not make it: the disk may not be mounted
hemolift serve … -archive /backup/log                                     # what is lost at most: about a second
hemolift backup -to /backup -keep 14 -archive /backup/log                 # each night, by cron or a systemd timer
</code></pre>
<p><code>backup</code> copies the record of a running server, restores the copy on trial into a directory that it throws away (this needs the room of a
second record for a moment, <code>-trial-in DIR</code> says where; <code>-untried</code> leaves it out), and says what it found there. Its exit status is 0 when all of that
went well; a copy that cannot be restored is renamed to <code>failed-…</code>. <code>-keep 14</code> removes the oldest backups but 14, and with <code>-archive</code> the
log that none of them needs: one directory of backups for each archive. <code>-encrypt-to FILE</code> encrypts to <a href="https://age-encryption.org">age</a>
recipients; <code>-identity FILE</code> then opens the copy for the trial. The archived log is not encrypted by
the program: it belongs on an encrypted disk. <code>hemolift_archive_behind_seconds</code> in <code>/metrics</code> is for how long the archive has lacked
something; the log says why. While the archive&#39;s disk is away the server keeps up to 2 GB for it; beyond that there is a gap, which the log and
a restore tell, and a new backup closes.</p>
<p><strong>Off site.</strong> On the day on which the house burns, both disks are in it. An S3-compatible store of anybody&#39;s takes copies:</p>
<pre tabindex="0"><code>export AWS_ENDPOINT_URL=https://s3.example.org AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
hemolift offsite -place s3://BUCKET/hemolift -backups /backup -archive /backup/log -encrypt-to recipients.txt -keep 14   # each hour
hemolift offsite -fetch -place s3://BUCKET/hemolift -backups /brought -archive /brought/log -identity key.txt           # and back
</code></pre>
<p>It sends what is not there yet, a backup&#39;s note last, so that half a backup is none; what is lost at most is what was written since the
last sending. Backups are sent as they are, the log is encrypted for the recipients on its way; nothing leaves as plain text without <code>-plain</code>, nor
to an address without TLS. What comes back is compared with its note, and a restore goes on from there.</p>
<p><strong>Restore.</strong> Into a data directory without a record, on this machine or another one:</p>
<pre tabindex="0"><code>hemolift restore -from /backup -archive /backup/log -data /var/lib/hemolift/server        # all that there is
hemolift restore -from /backup -archive /backup/log -until 2026-11-28T14:00:00Z …          # the state of a time
hemolift restore -from /backup -archive /backup/log -check                                # a drill: into a directory that is thrown away
</code></pre>
<p><code>-from</code> takes one backup or a directory of them, of which the newest fits. It refuses a directory with a record, a backup that was
damaged, another record&#39;s archive and a gap, and leaves no record behind when it fails. Run it as the user that the server runs as. Everybody
has to sign in anew afterwards, and invitations have ended; accounts and passwords are as they were at that time: disable again whom you
had disabled since. Then <code>hemolift serve</code> as before; the basemap and certificates are files of your own, to be kept
elsewhere. Do a drill each month, and after each upgrade.</p>
<p>Each restore begins a branch of the record, and the archive goes on with the one that is served next. So never serve a record that was
restored for a look with the archive of the real one: a server whose record does not come from the newest branch refuses the archive at its
start, and needs an empty directory and a new backup.</p>
<p>With <code>DATABASE_URL</code>, <code>backup</code> and <code>-archive</code> copy the whole cluster for a role with <code>REPLICATION</code> (of <code>DATABASE_OWNER_URL</code>, if that is
set) when the host lets it, without a trial; where it does not, and to restore, use the host&#39;s own tools: <code>base.tar.zst</code> is a base backup
as <code>pg_basebackup</code> makes it.</p>
<p><strong>The network.</strong> Sites, pads, aircraft, box designs, drones, boxes, lasting zones and roles are files as described in
dispatch/network, of which dispatch/network/shenyang is an example. On the page <em>Admin,
Network</em> an administrator of all sites makes them and changes them while the server is in use, by forms or by taking files in, looks at what would change,
says why, and applies it: whoever plans or watches the next moment does so with the new network, and new devices join the live feed. Programs do the same
by <code>GET</code> and <code>PUT /network/files</code>. What is on record and in no file stays there (close it, to take it out of service); zones and roles that are not
listed end. Refused is what would be pulled from under what is under way: a site moved to which a drone flies, the class or home of a drone that is out,
the design of a box in use, an aircraft class of which a drone is out, the elevation while anything flies; a site&#39;s kind, a pad&#39;s site and whether a device
is a drone or a box never change. Without <code>roles.csv</code> the roles stay as they are. The log keeps each value as it was and is. Schedules of zones are written
out for 400 days when their file is read: take the authority&#39;s file in again before, at best each month.</p>
<p><code>hemolift network check DIR</code> lists every fault of such files by file, line and column. <code>serve -network DIR</code> brings the record to them at the start, unless
they are what was loaded last and somebody has changed the network since.</p>
<p><strong>Doors.</strong> <code>-tls-cert</code> and <code>-tls-key</code> turn on HTTPS. <code>-mqtt-addr</code> is the door for devices; beyond loopback it has TLS by the same
certificate, or anywhere by its own (<code>-mqtt-tls-cert</code>, <code>-mqtt-tls-key</code>). A door beyond loopback without a certificate is refused;
<code>-plain</code> allows it, as behind a proxy that encrypts. <code>/healthz</code> and <code>/readyz</code> answer everybody; what is wrong, and <code>/metrics</code> (Prometheus), is for an
administrator&#39;s token.</p>
<p><strong>The clock.</strong> The server takes the machine&#39;s clock at the start and then runs by its own, so that no step moves the record&#39;s time. It
follows small differences by 5 ms a second and, at once, a machine&#39;s clock that is ahead by up to an hour, as after a sleep. Any other step
is an alarm: set the machine&#39;s clock, or start the server anew. A start at a time before the record&#39;s last is refused, with both times;
<code>-clock-behind</code> starts all the same. Devices&#39; clocks are evidence: what they state is kept beside the server&#39;s time, and refused beyond
30 s ahead or seven days behind.</p>
<p><strong>What a site decides.</strong> The policy (by which units are chosen and checked) and the temperature profiles (by which boxes are judged) have
versions, on the page <em>Policy and profiles</em>: one person proposes a version with a reason, quality approves it or rejects it, never
who proposed it, and it counts from the time that they say, without a restart (<a href="/help/quality#policy-and-profiles">quality</a>).
The built-in ones are examples that nobody has approved. <code>-policy FILE.csv</code> and <code>-profiles FILE.csv</code> give a server others at its start: they
count at once where they differ from the files that it was started with last, and the page says that nobody has approved them until
somebody does. A file that cannot be read, or profiles that lack one by which a box design is judged, stop the start. All versions are kept.</p>
<p><code>hemolift qualify FILE.json...</code> recomputes vector files with the server&#39;s own functions
(<code>telemetry/coldchain/vectors/testdata/*.json</code> and <code>dispatch/label/testdata/*.json</code> are some). Scans follow ISBT 128, whose tables of
product descriptions and facilities are licensed and not part of this program: a site needs its own registration with ICCBBA.</p>
<p><strong>Notices.</strong> <code>-notify you@example.org</code> lets the server tell hospitals&#39; people outside the page: by Web Push, with a key pair of its own (made
at the first start, kept in the database), and by a webhook for a hospital&#39;s own paging. Without it the server calls nobody but a provider of sign-ins
(<code>-oidc-issuer</code>). It calls
public https addresses alone; <code>-notify-inside 10.1.0.0/16</code> names networks of your own that it may call too, <code>-notify-ca FILE</code> the
authorities that sign those. An administrator sets a hospital&#39;s webhook:</p>
<pre tabindex="0"><code>curl -fsS -X PUT $URL/api/v1/sites/SY06/webhook -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d \\
  &#39;{&quot;url&quot;:&quot;https://pager.example.org/hemolift&quot;}&#39;
</code></pre>
<p>The answer holds a secret, once. What the webhook is sent carries <code>Hemolift-Signature</code>: <code>v1=</code> and the HMAC-SHA256 of the body with it.
<code>hemolift_notices_total</code> counts what was sent, failed or dropped.</p>
<p><strong>What devices sent in vain.</strong> <code>GET /api/v1/refused?device=BX-030</code> shows dispatchers, flight control, quality and administrators what can never be stored, with the reason and the beginning of
it: the newest hundred of each device, of which a device that repeats itself adds six in a minute.</p>
<p><strong>Stock by a program.</strong> An administrator&#39;s or a dispatcher&#39;s token adds units:</p>
<pre tabindex="0"><code>curl -fsS $URL/api/v1/units -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;units&quot;:[{&quot;key&quot;:
  {&quot;din&quot;:&quot;A999926123456&quot;,&quot;product_code&quot;:&quot;E0336V00&quot;},&quot;component&quot;:&quot;red_cells&quot;,&quot;blood_group&quot;:&quot;O+&quot;,&quot;mass_g&quot;:350,
  &quot;expires_at&quot;:&quot;2026-12-31T00:00:00Z&quot;,&quot;site&quot;:&quot;SYBC&quot;}]}&#39;
</code></pre>
<p>In a container give Postgres a reaping init (<code>docker run --init</code>), else a killed server stays a zombie and blocks the next start.</p>
`,sections:[{id:`the-operator`,title:`The operator`,text:`


One program, one data directory.



![The live map of a running server](dispatcher.png)



    hemolift serve -network DIR -addr 0.0.0.0:8443 -tls-cert CERT.pem -tls-key KEY.pem



**The record.** \`serve\` keeps everything in a private PostgreSQL under \`-data\`, or in the database that \`DATABASE_URL\` names, as
\`DATABASE_URL=postgres://hemolift@db.example/hemolift\`. In the private one the server runs as a role that owns nothing: it may add to the
log, to custody, verdicts, samples and files, and change or delete none of it. Of your own database give it both roles,



    CREATE ROLE hemolift_owner LOGIN PASSWORD '…'; CREATE ROLE hemolift_server LOGIN PASSWORD '…';
    CREATE DATABASE hemolift OWNER hemolift_owner;
    DATABASE_OWNER_URL=postgres://hemolift_owner:…@db.example/hemolift DATABASE_URL=postgres://hemolift_server:…@db.example/hemolift



and it migrates as the owner and works as the other; the rights are given at each start. With \`DATABASE_URL\` alone a role that owns the
database is enough, and the start warns that a fault of the server could change the log then. Statements and locks have time-outs; a private
database has checksums. A full disk makes \`/readyz\` answer 503 and what would write be refused with 503, not lost. A
server whose private PostgreSQL dies ends with one line instead of going on without it. \`hemolift migrate\` brings a database to the
newest schema; \`serve\` does so too when it starts. One server decides on a record at a time: a second one waits for 15 s and is refused, and one that
loses its connection for it ends at once. (It is an advisory lock of a session: a pooler between the two must not share sessions.)



**People.** The first start prints a link by which the person of \`admin\` chooses its password, once, within 48 hours; each later start
prints another one while no administrator has a password. Put the server's address that people use in place of the one it listens on. On the
page *Admin, People* an administrator adds accounts (name, role, and the hospital or blood centre that it belongs to) and gets a link for each,
to be given to its person alone. The same button makes a link for who forgot the password. An account that is disabled, or gets another role or
site, is out at once, everywhere, and so is its link. When the only administrator has lost the password, start \`serve\` once with
\`-invite admin\`. An administrator with a site manages that site's accounts. In a browser the management of accounts asks for the
password again after ten minutes. By a token it does not: keep administrators' tokens as you keep passwords.



    curl -fsS $URL/api/v1/accounts -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d \\
      '{"login":"li.na","name_zh":"李娜","name_en":"Li Na","role":"hospital","site":"SY06"}'



answers with the token of \`/invitation#TOKEN\`; a program without a page sends it, with the body \`{"password":"…"}\`, in the header \`Invitation-Token\` of
\`POST /api/v1/invitation\`. A link for
a new password leaves the old one good until it is used: disable an account whose password was stolen. People change their own password
under *Where I am signed in*: 12 characters or more, and nothing that is guessed soon.



**Passkeys.** With \`-page https://blood.example\`, the address of the server as browsers know it, people may sign in by a passkey: the finger, face
or PIN of a phone, a computer or a security key. Each adds their own under *Where I am signed in*, and removes it there. A passkey confirms what asks
for the password again, too; signing a record asks for the password. Who comes by an identity provider that says their roles has none here. It belongs to the name in the address: under another name all are made anew. A link for a
new password ends an account's passkeys.



**By your identity provider.** People may sign in by an OpenID Connect provider (Keycloak, Entra ID, a hospital's own) beside their passwords:



    hemolift serve … -oidc-issuer https://id.hospital.example/realms/blood -oidc-client hemolift -oidc-secret /etc/hemolift/oidc-secret \\
      -page https://blood.example -oidc-name 'Hospital account' -oidc-claim groups -oidc-roles /etc/hemolift/oidc-roles.csv



At the provider, register a web client with the code flow and the address \`https://blood.example/auth/callback\` to come back to, and let it tell the
claim (in the token or at its userinfo). The file of roles says what each value of the claim is here, in columns \`value,role,site\`:



    value,role,site
    blood-dispatch,dispatcher,SYBC
    ward-6,requester,SY06
    ward-6,receiver,SY06
    quality,quality,



Whoever has such a value gets an account at the first sign-in, and at each further one the roles that the file gives then; with values of two sites,
or of none, nobody is let in. Who is somebody is told by the provider's issuer and subject: a name that an account here has already is not given away. Its person
signs in by password and, within ten minutes, joins the two under *Where I am signed in*; such an account keeps the roles that it has here. Without \`-oidc-roles\` only joined
accounts may come.



Who comes so has no password here: where it is asked for, as for a signature or to give rights, the page offers the provider, which asks the
person again in a page beside it (\`prompt=login\`, and the time in \`auth_time\`, a minute before at most: the provider must tell it); one signature
counts within a minute of that. What gives rights counts for ten minutes, also after a sign-in at which the provider asked, not after one at which it
knew the browser. An account may be given an invitation, too: its person then has a password.



What the provider says is asked at each sign-in, not between: disable an account here to have it out at once. When the provider does not answer, passwords go on. If its
certificate is signed by an authority of your own, name it with \`-oidc-ca\`; when its addresses change, start the server anew.



**Roles.** Five kinds of account have their rights in one table
([permit.go](../dispatch/delivery/permit.go)): \`dispatcher\` (a blood centre's), \`hospital\` (a ward's), \`controller\` (flight control), \`quality\`
(reads everything, signs cold-chain records, judges quarantined units) and \`admin\`. Other roles are a part of one of them: \`requester\` and
\`receiver\` of a hospital's, \`issuer\` and \`monitor\` of a centre's are shipped. A site's own come from \`roles.csv\` in the directory of
\`-network\`, which then stands in the place of the shipped ones:



    role,name_zh,name_en,like,only,without
    stock_keeper,库管,stock keeper,dispatcher,signOut getNetwork listUnits listShelves moveUnits,moveUnits/discard



\`like\` is the kind; \`only\` lists the operations that are kept (empty: all), \`without\` those that are taken away, by the names of
[the API](../web/api.yaml), one standing for those beneath it. No role may more than its kind. \`hemolift network check DIR\` refuses names that
there are not. An account may have several roles for the same kind of site; it may what any of them may. Who has a role that the file names no
longer may nothing by it.



**Stock.** Centres' staff keep their units on the page *Stock* ([the dispatcher](dispatcher.md#stock)); programs by \`POST /units\`, a
supplier's list by \`POST /unit-lists\` (CSV, \`preview=true\` first).



**Log.** The page *Log* searches what was decided, shown and done by person, subject (a unit, delivery, request, device, alarm, account),
kind and time, and saves it as CSV; programs by \`GET /audit\`.



**Devices.** Each drone and box has a secret of its own ([devices](devices.md)). On the page *Devices*, beside *People*, an administrator makes a
code for one, which is typed or scanned at the device: it gets its secret for it, once, within an hour, and the old secret ends. The page
says since when each has its secret, when it was last heard, and what it needs soon.



Each device has a page of its own: its maintenance log, its flights and flight hours or the deliveries that it was packed for, the
calibrations of its probes, when it was out of service. What an entry says is due again, by a day or by flight hours, is a warning
from 30 days or 10 hours before on, in the list too; it stops nothing: take a device out of service to keep it on the ground. An
entry is never changed. One that is wrong is struck with a reason, and stays to be read. *Take the secret away* cuts a device off at once,
when it is lost or stolen. Flights are counted from a take-off to the landing after it, as the drone reported them.



**Is all well?** \`hemolift doctor\`, with the flags of \`serve\`, looks at the clock, the certificates, the files, the disk, the record and its
schema, the ports, and with \`-backups DIR\` and \`-archive DIR\` at those; it changes nothing, and its exit status is 1 when something is bad.
\`-bundle FILE.zip\` writes what somebody who helps needs: the findings, versions, settings and the sizes of tables, nothing of patients, people or
secrets. \`serve -log-json\` logs a line of JSON for each event.
[deploy](deploy) has units for systemd (the server, and a backup each night), a file for a container (not built in this project's tests: the
place has no registry of images), completion for bash, alerts for Prometheus, which asks \`/metrics\` with an administrator's token
(\`"only":["metrics"]\` limits it to that), and a dashboard for Grafana.



**How large the record grows.** About 0.6 MB a delivery, with positions and temperatures of each second that something flew: 20 deliveries a
day are 4 to 5 GB a year; twelve drones in the air day and night, 225 deliveries a day, were 130 MB a day, 48 GB a year (the demonstration,
2026-11-28, 19 hours of its time). Two thirds of it are positions.



**Samples of long ago** become compact after 90 days (\`-compact-after DAYS\`; 0: never; 14 at least): what a device sampled within an hour
is one compressed CSV file in the record, with its SHA-256. Temperatures are kept whole; of positions so many that a straight line between them
passes the others within 5 m (\`-thin-within M\`; 0: all stay). What a drone said between, as its battery and its wind, goes with the
positions that go. Pages, records and verdicts read both, a backup's trial compares the sums, and what is damaged is told and never read as a
temperature. A day's samples are dropped only when its hours tell of as many, of each device in each hour. Ten hours of the demonstration (92 deliveries, 2026-11-29) held 103,734 positions and 55,081 temperatures: 27 MB,
2.8 MB when compact, with 53,628 of the positions; the whole database 51 MB and 27 MB. By that, 20 deliveries a day are 4 to 5 GB in the
first year and 2 GB in each further one.



**Many years.** What is under way is found without reading what has been: with ten years of a busy line on record (1 million requests,
250,000 deliveries, 5 million log events) the board, a request and a round of the planner take as long as on an empty record (\`make bench-years\`).
The server tells PostgreSQL to plan each statement once, without its compiler (\`plan_cache_mode\`, \`jit\`); a DATABASE_URL need not.



**Many screens.** At most 10,000 live connections (\`-viewers N\`), each about 16 kB; who comes later is answered 503 until another goes. Of one
account 200. Ticks are 50 ms apart with few screens, and up to 200 ms with many.



**Backup.** Two things on another disk, better on another machine's: the log while it is written, and a backup each night.



    mkdir -p /backup/log                                                      # serve does not make it: the disk may not be mounted
    hemolift serve … -archive /backup/log                                     # what is lost at most: about a second
    hemolift backup -to /backup -keep 14 -archive /backup/log                 # each night, by cron or a systemd timer



\`backup\` copies the record of a running server, restores the copy on trial into a directory that it throws away (this needs the room of a
second record for a moment, \`-trial-in DIR\` says where; \`-untried\` leaves it out), and says what it found there. Its exit status is 0 when all of that
went well; a copy that cannot be restored is renamed to \`failed-…\`. \`-keep 14\` removes the oldest backups but 14, and with \`-archive\` the
log that none of them needs: one directory of backups for each archive. \`-encrypt-to FILE\` encrypts to [age](https://age-encryption.org)
recipients; \`-identity FILE\` then opens the copy for the trial. The archived log is not encrypted by
the program: it belongs on an encrypted disk. \`hemolift_archive_behind_seconds\` in \`/metrics\` is for how long the archive has lacked
something; the log says why. While the archive's disk is away the server keeps up to 2 GB for it; beyond that there is a gap, which the log and
a restore tell, and a new backup closes.



**Off site.** On the day on which the house burns, both disks are in it. An S3-compatible store of anybody's takes copies:



    export AWS_ENDPOINT_URL=https://s3.example.org AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
    hemolift offsite -place s3://BUCKET/hemolift -backups /backup -archive /backup/log -encrypt-to recipients.txt -keep 14   # each hour
    hemolift offsite -fetch -place s3://BUCKET/hemolift -backups /brought -archive /brought/log -identity key.txt           # and back



It sends what is not there yet, a backup's note last, so that half a backup is none; what is lost at most is what was written since the
last sending. Backups are sent as they are, the log is encrypted for the recipients on its way; nothing leaves as plain text without \`-plain\`, nor
to an address without TLS. What comes back is compared with its note, and a restore goes on from there.



**Restore.** Into a data directory without a record, on this machine or another one:



    hemolift restore -from /backup -archive /backup/log -data /var/lib/hemolift/server        # all that there is
    hemolift restore -from /backup -archive /backup/log -until 2026-11-28T14:00:00Z …          # the state of a time
    hemolift restore -from /backup -archive /backup/log -check                                # a drill: into a directory that is thrown away



\`-from\` takes one backup or a directory of them, of which the newest fits. It refuses a directory with a record, a backup that was
damaged, another record's archive and a gap, and leaves no record behind when it fails. Run it as the user that the server runs as. Everybody
has to sign in anew afterwards, and invitations have ended; accounts and passwords are as they were at that time: disable again whom you
had disabled since. Then \`hemolift serve\` as before; the basemap and certificates are files of your own, to be kept
elsewhere. Do a drill each month, and after each upgrade.



Each restore begins a branch of the record, and the archive goes on with the one that is served next. So never serve a record that was
restored for a look with the archive of the real one: a server whose record does not come from the newest branch refuses the archive at its
start, and needs an empty directory and a new backup.



With \`DATABASE_URL\`, \`backup\` and \`-archive\` copy the whole cluster for a role with \`REPLICATION\` (of \`DATABASE_OWNER_URL\`, if that is
set) when the host lets it, without a trial; where it does not, and to restore, use the host's own tools: \`base.tar.zst\` is a base backup
as \`pg_basebackup\` makes it.



**The network.** Sites, pads, aircraft, box designs, drones, boxes, lasting zones and roles are files as described in
[dispatch/network](../dispatch/network/doc.go), of which [dispatch/network/shenyang](../dispatch/network/shenyang) is an example. On the page *Admin,
Network* an administrator of all sites makes them and changes them while the server is in use, by forms or by taking files in, looks at what would change,
says why, and applies it: whoever plans or watches the next moment does so with the new network, and new devices join the live feed. Programs do the same
by \`GET\` and \`PUT /network/files\`. What is on record and in no file stays there (close it, to take it out of service); zones and roles that are not
listed end. Refused is what would be pulled from under what is under way: a site moved to which a drone flies, the class or home of a drone that is out,
the design of a box in use, an aircraft class of which a drone is out, the elevation while anything flies; a site's kind, a pad's site and whether a device
is a drone or a box never change. Without \`roles.csv\` the roles stay as they are. The log keeps each value as it was and is. Schedules of zones are written
out for 400 days when their file is read: take the authority's file in again before, at best each month.



\`hemolift network check DIR\` lists every fault of such files by file, line and column. \`serve -network DIR\` brings the record to them at the start, unless
they are what was loaded last and somebody has changed the network since.



**Doors.** \`-tls-cert\` and \`-tls-key\` turn on HTTPS. \`-mqtt-addr\` is the door for devices; beyond loopback it has TLS by the same
certificate, or anywhere by its own (\`-mqtt-tls-cert\`, \`-mqtt-tls-key\`). A door beyond loopback without a certificate is refused;
\`-plain\` allows it, as behind a proxy that encrypts. \`/healthz\` and \`/readyz\` answer everybody; what is wrong, and \`/metrics\` (Prometheus), is for an
administrator's token.



**The clock.** The server takes the machine's clock at the start and then runs by its own, so that no step moves the record's time. It
follows small differences by 5 ms a second and, at once, a machine's clock that is ahead by up to an hour, as after a sleep. Any other step
is an alarm: set the machine's clock, or start the server anew. A start at a time before the record's last is refused, with both times;
\`-clock-behind\` starts all the same. Devices' clocks are evidence: what they state is kept beside the server's time, and refused beyond
30 s ahead or seven days behind.



**What a site decides.** The policy (by which units are chosen and checked) and the temperature profiles (by which boxes are judged) have
versions, on the page *Policy and profiles*: one person proposes a version with a reason, quality approves it or rejects it, never
who proposed it, and it counts from the time that they say, without a restart ([quality](quality.md#policy-and-profiles)).
The built-in ones are examples that nobody has approved. \`-policy FILE.csv\` and \`-profiles FILE.csv\` give a server others at its start: they
count at once where they differ from the files that it was started with last, and the page says that nobody has approved them until
somebody does. A file that cannot be read, or profiles that lack one by which a box design is judged, stop the start. All versions are kept.



\`hemolift qualify FILE.json...\` recomputes vector files with the server's own functions
(\`telemetry/coldchain/vectors/testdata/*.json\` and \`dispatch/label/testdata/*.json\` are some). Scans follow ISBT 128, whose tables of
product descriptions and facilities are licensed and not part of this program: a site needs its own registration with ICCBBA.



**Notices.** \`-notify you@example.org\` lets the server tell hospitals' people outside the page: by Web Push, with a key pair of its own (made
at the first start, kept in the database), and by a webhook for a hospital's own paging. Without it the server calls nobody but a provider of sign-ins
(\`-oidc-issuer\`). It calls
public https addresses alone; \`-notify-inside 10.1.0.0/16\` names networks of your own that it may call too, \`-notify-ca FILE\` the
authorities that sign those. An administrator sets a hospital's webhook:



    curl -fsS -X PUT $URL/api/v1/sites/SY06/webhook -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d \\
      '{"url":"https://pager.example.org/hemolift"}'



The answer holds a secret, once. What the webhook is sent carries \`Hemolift-Signature\`: \`v1=\` and the HMAC-SHA256 of the body with it.
\`hemolift_notices_total\` counts what was sent, failed or dropped.



**What devices sent in vain.** \`GET /api/v1/refused?device=BX-030\` shows dispatchers, flight control, quality and administrators what can never be stored, with the reason and the beginning of
it: the newest hundred of each device, of which a device that repeats itself adds six in a minute.



**Stock by a program.** An administrator's or a dispatcher's token adds units:



    curl -fsS $URL/api/v1/units -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"units":[{"key":
      {"din":"A999926123456","product_code":"E0336V00"},"component":"red_cells","blood_group":"O+","mass_g":350,
      "expires_at":"2026-12-31T00:00:00Z","site":"SYBC"}]}'



In a container give Postgres a reaping init (\`docker run --init\`), else a killed server stays a zombie and blocks the next start.

`}]},{name:`devices`,title:`Devices`,html:`<h1 id="devices">Devices</h1>
<p>A drone or a box speaks MQTT 3.1.1 or 5 with the broker inside Hemolift. Each device has a credential of its own: its id is
both <strong>user name and client id</strong>, its password is the secret that an administrator made:</p>
<pre tabindex="0"><code>curl -X POST -H &quot;Authorization: Bearer $TOKEN&quot; http://127.0.0.1:8080/api/v1/devices/BX-030/secret
</code></pre>
<p>The answer shows the secret once; the device&#39;s old one ends. Or the device asks for it itself, so that nobody sees it: an administrator makes
a code on the page <em>Devices</em> (or <code>POST /api/v1/devices/BX-030/enrolment</code>), good once and for an hour, and the device sends</p>
<pre tabindex="0"><code>curl -X POST -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;device&quot;:&quot;BX-030&quot;,&quot;code&quot;:&quot;ABCDE-FGH23&quot;}&#39; http://127.0.0.1:8080/api/v1/enrolment
</code></pre>
<p>The page shows the code for a scanner too, a QR code of <code>{&quot;enrol&quot;:&quot;http://127.0.0.1:8080/api/v1/enrolment&quot;,&quot;device&quot;:&quot;BX-030&quot;,&quot;code&quot;:&quot;ABCDE-FGH23&quot;}</code>. A device
whose secret was replaced or taken away is cut off at once.</p>
<p>On loopback the door speaks plain text, beyond it TLS (<a href="/help/operator">the operator</a>); a port speaks one of the two. The device&#39;s clock must be
right to 30 s; a time outside of 2000 to 2099 is refused as no time.</p>
<p>A connection has ten seconds for its CONNECT, and is closed when it is silent for one and a half times its keep-alive; one that
asks for no keep-alive, or for more than 300 s, has 300 s.</p>
<h2 id="topics">Topics</h2>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>topic</th>
<th>direction</th>
<th>who</th>
<th>payload</th>
</tr>
</thead>
<tbody><tr>
<td><code>hl/v1/&lt;drone&gt;/pos</code></td>
<td>up</td>
<td>drone</td>
<td>position</td>
</tr>
<tr>
<td><code>hl/v1/&lt;box&gt;/temp</code></td>
<td>up</td>
<td>box</td>
<td>temperature</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/status</code></td>
<td>up</td>
<td>drone</td>
<td>phase of flight, when it changes and after a restart</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/ack</code></td>
<td>up</td>
<td>drone</td>
<td>answer to a command</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/cmd</code></td>
<td>down</td>
<td>drone</td>
<td>command</td>
</tr>
<tr>
<td><code>hl/v1/&lt;device&gt;/refused</code></td>
<td>down</td>
<td>any</td>
<td>what was wrong with a message</td>
</tr>
<tr>
<td><code>hl/v1/clock</code></td>
<td>down</td>
<td>any</td>
<td>server time, once a second</td>
</tr>
</tbody></table></div>
<p>A device may publish and subscribe to its own topics only; anything else is refused and counted. A last will is refused too.</p>
<p>Publish at QoS 1. <strong>A PUBACK means committed to the database</strong>, but for what is told on the <code>refused</code> topic: one bad report of an
array costs only itself, and a message that cannot be read is acknowledged too, because sending it again would be useless. The
topic&#39;s message has <code>reason</code>, <code>count</code>, and up to 50 <code>samples</code> with their <code>index</code> in the array and the reason of each. What was refused
is kept as it came, the newest hundred of each device, for an operator to read (<code>GET /refused</code>). If the connection closes without a PUBACK, send again:
redelivery changes nothing, since a sample is known by device, time and sequence.</p>
<p>A device need not wait for one PUBACK before it sends the next message: 256 messages or 1 MB of one connection may be under way. They are
acknowledged in their order. Beyond that the connection is read no further until the first of them is committed. (MQTT 5: the receive
maximum is 256.)</p>
<p>A payload is one object or an array of up to 1000 (an ack is never an array); at most 256 kB. Integers may be written as JSON
writes numbers: <code>4200</code>, <code>4200.0</code> and <code>4.2e3</code> are the same. Every report has</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>field</th>
<th>meaning</th>
</tr>
</thead>
<tbody><tr>
<td><code>seq</code></td>
<td>sequence number, rising over the device&#39;s life, over all its topics</td>
</tr>
<tr>
<td><code>t</code></td>
<td>device time, milliseconds since the Unix epoch; at most 30 s ahead of and 7 days behind the server</td>
</tr>
</tbody></table></div>
<p>Follow the server&#39;s clock: <code>{&quot;t&quot;: 1767225600000, &quot;rate&quot;: 1}</code> on <code>hl/v1/clock</code>, where <code>rate</code> is how many seconds of server time
pass in a second (1 except in demonstrations).</p>
<h3 id="how-much-how-often">How much, how often</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>of one device</th>
<th>a second</th>
<th>at once, after a silence</th>
</tr>
</thead>
<tbody><tr>
<td>messages</td>
<td>200</td>
<td>2,000</td>
</tr>
<tr>
<td>bytes</td>
<td>256 kB</td>
<td>48 MB</td>
</tr>
<tr>
<td>samples</td>
<td>50</td>
<td>200,000</td>
</tr>
<tr>
<td>connections</td>
<td>one every 2 s</td>
<td>20</td>
</tr>
</tbody></table></div>
<p>A device beyond that is slowed. One that is slowed for 20 s without a break, or would have to wait for more than 2 s, is cut, with an
alarm at the desk (<code>over_quota</code>), and may come back after 5 s; what was not acknowledged is to be sent again. A day&#39;s backlog gets
through at once in batches of a hundred samples or more. <code>-device-quota</code> multiplies the table. After three wrong secrets from one
address the answer to each next one waits for longer, 5 s at most; the right one is let in at once.</p>
<h3 id="position">Position</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>field</th>
<th>unit, range</th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td><code>lon</code>, <code>lat</code></td>
<td>degrees, WGS 84</td>
<td>required</td>
</tr>
<tr>
<td><code>alt_m</code></td>
<td>m above mean sea level, -450 to 9000; heights are shown over the ground of the first blood centre (<code>elevation_m</code> of its site)</td>
<td>required</td>
</tr>
<tr>
<td><code>speed_mps</code></td>
<td>m/s over ground, 0 to 120</td>
<td>required</td>
</tr>
<tr>
<td><code>track_deg</code></td>
<td>degrees over ground, true, 0 to 360</td>
<td>required</td>
</tr>
<tr>
<td><code>battery_pct</code></td>
<td>0 to 100</td>
<td>required</td>
</tr>
<tr>
<td><code>climb_mps</code></td>
<td>m/s</td>
<td>−50 to 50</td>
</tr>
<tr>
<td><code>link_dbm</code></td>
<td>dBm</td>
<td>−200 to 50</td>
</tr>
<tr>
<td><code>wind_mps</code>, <code>wind_from_deg</code></td>
<td>the drone&#39;s estimate, where it blows from</td>
<td>at most 80 m/s</td>
</tr>
</tbody></table></div>
<p>Report once a second in the air, and at least every 5 s on the ground. After 10 s of silence the link counts as lost.</p>
<h3 id="temperature">Temperature</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>field</th>
<th>unit</th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td><code>temp_mc</code></td>
<td>milli-degrees Celsius of the payload&#39;s probe, −200,000 to 100,000</td>
<td>required unless <code>fault</code></td>
</tr>
<tr>
<td><code>temp2_mc</code></td>
<td>milli-degrees Celsius of a second probe; the warmer one is judged against the upper limit, the colder against the lower</td>
<td></td>
</tr>
<tr>
<td><code>ambient_mc</code></td>
<td>milli-degrees Celsius</td>
<td></td>
</tr>
<tr>
<td><code>lid</code></td>
<td>true when open</td>
<td></td>
</tr>
<tr>
<td><code>fault</code></td>
<td>true when the sensor must not be believed</td>
<td></td>
</tr>
</tbody></table></div>
<p>Report always while in service, so that the box is proposed, and from packing on at the interval of its profile (15 s for red cells). After 4 intervals of silence the box is
<em>unknown</em>, never <em>in range</em>.</p>
<h3 id="status">Status</h3>
<p><code>{&quot;seq&quot;:8,&quot;t&quot;:1767225600000,&quot;state&quot;:&quot;airborne&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0}</code> with <code>state</code> one of <code>parked</code> (at home),
<code>airborne</code>, <code>holding</code>, <code>returning</code>, <code>landing</code> (coming down where it is, after <code>land</code>), <code>landed</code> (away from home).</p>
<h3 id="commands">Commands</h3>
<pre tabindex="0"><code>{&quot;id&quot;:12,&quot;kind&quot;:&quot;mission&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0,&quot;legs&quot;:[[[123.497,41.706],[123.395,41.769]],[…]],&quot;height_m&quot;:120,&quot;cruise_mps&quot;:14,&quot;expires&quot;:1767225660000}
{&quot;id&quot;:13,&quot;kind&quot;:&quot;release&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0,&quot;plan_hash&quot;:&quot;…&quot;,&quot;expires&quot;:…}
</code></pre>
<p><code>legs[0]</code> of a mission leads to the hospital, <code>legs[1]</code> home; <code>leg</code> of a release says which one is flown. <code>mission</code> and <code>leg</code> are left out of a status
without a mission.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>kind</th>
<th>do</th>
</tr>
</thead>
<tbody><tr>
<td><code>mission</code></td>
<td>keep the plan; answer with its hash. It is compared with the approved plan before take-off is released</td>
</tr>
<tr>
<td><code>release</code></td>
<td>take off and fly the leg, pad to pad; refuse when the kept plan&#39;s hash is not <code>plan_hash</code>. Say <code>airborne</code> as soon as it is so: who took its release and is still <code>parked</code> after 30 s gets another one, with an <code>id</code> of its own</td>
</tr>
<tr>
<td><code>hold</code>, <code>resume</code></td>
<td>stop and hover; go on</td>
</tr>
<tr>
<td><code>return</code></td>
<td>abandon the leg and fly <code>legs[0]</code> home</td>
</tr>
<tr>
<td><code>reroute</code></td>
<td>fly <code>legs[0]</code> instead of the rest of the leg, also from a hold or while returning: to the leg&#39;s goal, to that of a more urgent request, after which a <code>mission</code> with the way home from there comes while the drone stands on the pad, or to an alternate pad, where it stays; the first point is where the drone was last heard of, so go on to the second; landed anywhere but at home the state is <code>landed</code></td>
</tr>
<tr>
<td><code>land</code></td>
<td>come down where it is, the last resort: two persons ordered it; <code>hold</code>, <code>return</code> and <code>reroute</code> are obeyed on the way down</td>
</tr>
</tbody></table></div>
<p>Answer on the ack topic: <code>{&quot;t&quot;:…,&quot;id&quot;:12,&quot;ok&quot;:true,&quot;hash&quot;:&quot;…&quot;}</code>, or <code>&quot;ok&quot;:false</code> with a <code>reason</code>. A command comes again until it
is answered or expires: carry each <code>id</code> out once and repeat the same answer.</p>
<p>The hash is SHA-256, in lower-case hex, of these lines, each ended by a newline: <code>h</code> and the height in mm, <code>v</code> and the speed in mm/s,
then for each waypoint the leg&#39;s index, longitude and latitude in units of 1e-7 degrees, all separated by one space:</p>
<pre tabindex="0"><code>h 120000
v 14000
0 1234970000 417060000
</code></pre>
<h2 id="try-it">Try it</h2>
<p>With the demonstration running (it prints its MQTT address and the password of its accounts), and <code>mosquitto_pub</code> of Debian&#39;s
<code>mosquitto-clients</code>:</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080 PASSWORD=… PORT=…
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; -d &quot;{\\&quot;login\\&quot;:\\&quot;admin\\&quot;,\\&quot;password\\&quot;:\\&quot;$PASSWORD\\&quot;}&quot; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
SECRET=$(curl -s -X POST -H &quot;Authorization: Bearer $TOKEN&quot; $URL/api/v1/devices/BX-030/secret | sed &#39;s/.*&quot;secret&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
NOW=$(curl -s -H &quot;Authorization: Bearer $TOKEN&quot; $URL/api/v1/board | sed &#39;s/.*&quot;now&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
mosquitto_pub -h 127.0.0.1 -p $PORT -q 1 -i BX-030 -u BX-030 -P $SECRET -t hl/v1/BX-030/temp \\
  -m &quot;{\\&quot;seq\\&quot;:1,\\&quot;t\\&quot;:$(date -d $NOW +%s)000,\\&quot;temp_mc\\&quot;:-185000,\\&quot;ambient_mc\\&quot;:21000}&quot;

curl -s -H &quot;Authorization: Bearer $TOKEN&quot; $URL/metrics | grep hemolift_device
</code></pre>
<p><code>hemolift_device_samples_total{topic=&quot;temp&quot;}</code> has risen by one, beside those of the simulated boxes; a faulty message raises
<code>hemolift_device_refused_total</code> instead, is found with <code>curl -s -H &quot;Authorization: Bearer $TOKEN&quot; &quot;$URL/api/v1/refused?device=BX-030&quot;</code>,
and is told on the <code>refused</code> topic to the device&#39;s own connection (mosquitto_pub does not listen, and a second client with
the same id would take its place). <code>-mqtt-addr 127.0.0.1:1883</code> gives the demo&#39;s device door a fixed port.</p>
<p>(BX-030 is a box that the simulated crew never uses; renewing its secret takes it from the simulation, whose own BX-030 is refused from
then on: <code>hemolift_device_refused_total{reason=&quot;bad credential&quot;}</code> rises by itself.)</p>
`,sections:[{id:`devices`,title:`Devices`,text:`


A drone or a box speaks MQTT 3.1.1 or 5 with the broker inside Hemolift. Each device has a credential of its own: its id is
both **user name and client id**, its password is the secret that an administrator made:



    curl -X POST -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/v1/devices/BX-030/secret



The answer shows the secret once; the device's old one ends. Or the device asks for it itself, so that nobody sees it: an administrator makes
a code on the page *Devices* (or \`POST /api/v1/devices/BX-030/enrolment\`), good once and for an hour, and the device sends



    curl -X POST -H 'Content-Type: application/json' -d '{"device":"BX-030","code":"ABCDE-FGH23"}' http://127.0.0.1:8080/api/v1/enrolment



The page shows the code for a scanner too, a QR code of \`{"enrol":"http://127.0.0.1:8080/api/v1/enrolment","device":"BX-030","code":"ABCDE-FGH23"}\`. A device
whose secret was replaced or taken away is cut off at once.



On loopback the door speaks plain text, beyond it TLS ([the operator](operator.md)); a port speaks one of the two. The device's clock must be
right to 30 s; a time outside of 2000 to 2099 is refused as no time.



A connection has ten seconds for its CONNECT, and is closed when it is silent for one and a half times its keep-alive; one that
asks for no keep-alive, or for more than 300 s, has 300 s.



`},{id:`topics`,title:`Topics`,text:`


| topic | direction | who | payload |
|---|---|---|---|
| \`hl/v1/<drone>/pos\` | up | drone | position |
| \`hl/v1/<box>/temp\` | up | box | temperature |
| \`hl/v1/<drone>/status\` | up | drone | phase of flight, when it changes and after a restart |
| \`hl/v1/<drone>/ack\` | up | drone | answer to a command |
| \`hl/v1/<drone>/cmd\` | down | drone | command |
| \`hl/v1/<device>/refused\` | down | any | what was wrong with a message |
| \`hl/v1/clock\` | down | any | server time, once a second |



A device may publish and subscribe to its own topics only; anything else is refused and counted. A last will is refused too.



Publish at QoS 1. **A PUBACK means committed to the database**, but for what is told on the \`refused\` topic: one bad report of an
array costs only itself, and a message that cannot be read is acknowledged too, because sending it again would be useless. The
topic's message has \`reason\`, \`count\`, and up to 50 \`samples\` with their \`index\` in the array and the reason of each. What was refused
is kept as it came, the newest hundred of each device, for an operator to read (\`GET /refused\`). If the connection closes without a PUBACK, send again:
redelivery changes nothing, since a sample is known by device, time and sequence.



A device need not wait for one PUBACK before it sends the next message: 256 messages or 1 MB of one connection may be under way. They are
acknowledged in their order. Beyond that the connection is read no further until the first of them is committed. (MQTT 5: the receive
maximum is 256.)



A payload is one object or an array of up to 1000 (an ack is never an array); at most 256 kB. Integers may be written as JSON
writes numbers: \`4200\`, \`4200.0\` and \`4.2e3\` are the same. Every report has



| field | meaning |
|---|---|
| \`seq\` | sequence number, rising over the device's life, over all its topics |
| \`t\` | device time, milliseconds since the Unix epoch; at most 30 s ahead of and 7 days behind the server |



Follow the server's clock: \`{"t": 1767225600000, "rate": 1}\` on \`hl/v1/clock\`, where \`rate\` is how many seconds of server time
pass in a second (1 except in demonstrations).



`},{id:`how-much-how-often`,title:`How much, how often`,text:`


| of one device | a second | at once, after a silence |
|---|---|---|
| messages | 200 | 2,000 |
| bytes | 256 kB | 48 MB |
| samples | 50 | 200,000 |
| connections | one every 2 s | 20 |



A device beyond that is slowed. One that is slowed for 20 s without a break, or would have to wait for more than 2 s, is cut, with an
alarm at the desk (\`over_quota\`), and may come back after 5 s; what was not acknowledged is to be sent again. A day's backlog gets
through at once in batches of a hundred samples or more. \`-device-quota\` multiplies the table. After three wrong secrets from one
address the answer to each next one waits for longer, 5 s at most; the right one is let in at once.



`},{id:`position`,title:`Position`,text:"\n\n\n| field | unit, range | |\n|---|---|---|\n| `lon`, `lat` | degrees, WGS 84 | required |\n| `alt_m` | m above mean sea level, -450 to 9000; heights are shown over the ground of the first blood centre (`elevation_m` of its site) | required |\n| `speed_mps` | m/s over ground, 0 to 120 | required |\n| `track_deg` | degrees over ground, true, 0 to 360 | required |\n| `battery_pct` | 0 to 100 | required |\n| `climb_mps` | m/s | −50 to 50 |\n| `link_dbm` | dBm | −200 to 50 |\n| `wind_mps`, `wind_from_deg` | the drone's estimate, where it blows from | at most 80 m/s |\n\n\n\nReport once a second in the air, and at least every 5 s on the ground. After 10 s of silence the link counts as lost.\n\n\n\n"},{id:`temperature`,title:`Temperature`,text:`


| field | unit | |
|---|---|---|
| \`temp_mc\` | milli-degrees Celsius of the payload's probe, −200,000 to 100,000 | required unless \`fault\` |
| \`temp2_mc\` | milli-degrees Celsius of a second probe; the warmer one is judged against the upper limit, the colder against the lower | |
| \`ambient_mc\` | milli-degrees Celsius | |
| \`lid\` | true when open | |
| \`fault\` | true when the sensor must not be believed | |



Report always while in service, so that the box is proposed, and from packing on at the interval of its profile (15 s for red cells). After 4 intervals of silence the box is
*unknown*, never *in range*.



`},{id:`status`,title:`Status`,text:'\n\n\n`{"seq":8,"t":1767225600000,"state":"airborne","mission":"M-1122-0001","leg":0}` with `state` one of `parked` (at home),\n`airborne`, `holding`, `returning`, `landing` (coming down where it is, after `land`), `landed` (away from home).\n\n\n\n'},{id:`commands`,title:`Commands`,text:'\n\n\n    {"id":12,"kind":"mission","mission":"M-1122-0001","leg":0,"legs":[[[123.497,41.706],[123.395,41.769]],[…]],"height_m":120,"cruise_mps":14,"expires":1767225660000}\n    {"id":13,"kind":"release","mission":"M-1122-0001","leg":0,"plan_hash":"…","expires":…}\n\n\n\n`legs[0]` of a mission leads to the hospital, `legs[1]` home; `leg` of a release says which one is flown. `mission` and `leg` are left out of a status\nwithout a mission.\n\n\n\n| kind | do |\n|---|---|\n| `mission` | keep the plan; answer with its hash. It is compared with the approved plan before take-off is released |\n| `release` | take off and fly the leg, pad to pad; refuse when the kept plan\'s hash is not `plan_hash`. Say `airborne` as soon as it is so: who took its release and is still `parked` after 30 s gets another one, with an `id` of its own |\n| `hold`, `resume` | stop and hover; go on |\n| `return` | abandon the leg and fly `legs[0]` home |\n| `reroute` | fly `legs[0]` instead of the rest of the leg, also from a hold or while returning: to the leg\'s goal, to that of a more urgent request, after which a `mission` with the way home from there comes while the drone stands on the pad, or to an alternate pad, where it stays; the first point is where the drone was last heard of, so go on to the second; landed anywhere but at home the state is `landed` |\n| `land` | come down where it is, the last resort: two persons ordered it; `hold`, `return` and `reroute` are obeyed on the way down |\n\n\n\nAnswer on the ack topic: `{"t":…,"id":12,"ok":true,"hash":"…"}`, or `"ok":false` with a `reason`. A command comes again until it\nis answered or expires: carry each `id` out once and repeat the same answer.\n\n\n\nThe hash is SHA-256, in lower-case hex, of these lines, each ended by a newline: `h` and the height in mm, `v` and the speed in mm/s,\nthen for each waypoint the leg\'s index, longitude and latitude in units of 1e-7 degrees, all separated by one space:\n\n\n\n    h 120000\n    v 14000\n    0 1234970000 417060000\n\n\n\n'},{id:`try-it`,title:`Try it`,text:`


With the demonstration running (it prints its MQTT address and the password of its accounts), and \`mosquitto_pub\` of Debian's
\`mosquitto-clients\`:



    URL=http://127.0.0.1:8080 PASSWORD=… PORT=…
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' -d "{\\"login\\":\\"admin\\",\\"password\\":\\"$PASSWORD\\"}" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    SECRET=$(curl -s -X POST -H "Authorization: Bearer $TOKEN" $URL/api/v1/devices/BX-030/secret | sed 's/.*"secret":"\\([^"]*\\)".*/\\1/')
    NOW=$(curl -s -H "Authorization: Bearer $TOKEN" $URL/api/v1/board | sed 's/.*"now":"\\([^"]*\\)".*/\\1/')
    mosquitto_pub -h 127.0.0.1 -p $PORT -q 1 -i BX-030 -u BX-030 -P $SECRET -t hl/v1/BX-030/temp \\
      -m "{\\"seq\\":1,\\"t\\":$(date -d $NOW +%s)000,\\"temp_mc\\":-185000,\\"ambient_mc\\":21000}"

    curl -s -H "Authorization: Bearer $TOKEN" $URL/metrics | grep hemolift_device



\`hemolift_device_samples_total{topic="temp"}\` has risen by one, beside those of the simulated boxes; a faulty message raises
\`hemolift_device_refused_total\` instead, is found with \`curl -s -H "Authorization: Bearer $TOKEN" "$URL/api/v1/refused?device=BX-030"\`,
and is told on the \`refused\` topic to the device's own connection (mosquitto_pub does not listen, and a second client with
the same id would take its place). \`-mqtt-addr 127.0.0.1:1883\` gives the demo's device door a fixed port.



(BX-030 is a box that the simulated crew never uses; renewing its secret takes it from the simulation, whose own BX-030 is refused from
then on: \`hemolift_device_refused_total{reason="bad credential"}\` rises by itself.)

`}]},{name:`integrator`,title:`The integrator`,html:`<h1 id="the-integrator">The integrator</h1>
<p><img alt="The hospital's page uses the same API" loading="lazy" data-picture="1"></p>
<h2 id="the-api">The API</h2>
<p>The API is described by <a href="/api.yaml">web/api.yaml</a> (OpenAPI 3.1), which a server gives at <code>/api.yaml</code>, under <code>/api/v1/</code>. A request by curl, with the demo running:</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;zhang.min&quot;,&quot;password&quot;:&quot;PASSWORD&quot;}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
NOW=$(curl -s $URL/api/v1/board -H &quot;Authorization: Bearer $TOKEN&quot; | sed &#39;s/.*&quot;now&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
curl -s $URL/api/v1/requests -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; \\
  -H &quot;Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)&quot; \\
  -d &#39;{&quot;hospital&quot;:&quot;SY06&quot;,&quot;pad&quot;:&quot;SY06-P1&quot;,&quot;component&quot;:&quot;red_cells&quot;,&quot;blood_group&quot;:&quot;O+&quot;,&quot;units&quot;:2,&quot;urgency&quot;:&quot;stat&quot;,&quot;needed_by&quot;:&quot;&#39;$(date -u -d &quot;$NOW +40 min&quot; +%FT%TZ)&#39;&quot;}&#39;
</code></pre>
<p>A token is good for 30 days and for all that its account may. <code>&quot;hours&quot;:24</code> makes it end sooner, and <code>&quot;only&quot;:[&quot;getBoard&quot;,&quot;listUnits&quot;]</code> limits it to some
operations of <a href="/api.yaml">the API</a>: give a program no more than it needs.</p>
<p>A 201 means stored for good; the same key with the same body returns the same request. (The demo&#39;s clock runs faster than
yours, so the example asks the server for the time.)</p>
<p><strong>From acceptance to receipt.</strong> <code>POST /requests/{id}/accept</code> with <code>{}</code> gives the delivery: a centre&#39;s people accept for their own centre,
which may be another drone and other units than the plan proposes for the other centre. <code>drone</code> names one, and
<code>seen: {drone, arrive_at, units}</code> says what was shown: when that has become worse, nothing is allocated, and the 409 <code>moved-on</code> holds
the new <code>offer</code>. Then each step is one
<code>POST /deliveries/{id}/steps</code>, by the centre and, from <code>compare_seal</code> on, by the hospital:</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th><code>step</code></th>
<th>with</th>
</tr>
</thead>
<tbody><tr>
<td><code>check</code></td>
<td>nothing; by another person than the one who accepted</td>
</tr>
<tr>
<td><code>pack</code>, <code>receive</code></td>
<td><code>scans</code>, what a scanner typed of the bag&#39;s label in any order (<code>[&quot;]C0=A99992612345600&quot;,&quot;=&lt;A0001V00&quot;]</code>), or <code>unit</code> (<code>{&quot;din&quot;:&quot;A999926123456&quot;,&quot;product_code&quot;:&quot;A0001V00&quot;}</code>, as the delivery has it)</td>
</tr>
<tr>
<td><code>quarantine</code>, <code>break</code></td>
<td>the same, and a <code>note</code> with the reason; <code>receive</code> asks for one against the cold chain&#39;s advice</td>
</tr>
<tr>
<td><code>seal</code>, <code>compare_seal</code></td>
<td><code>seal</code></td>
</tr>
<tr>
<td><code>load</code></td>
<td><code>box</code></td>
</tr>
</tbody></table></div>
<p><code>POST /labels</code> says what scans mean and which structures are still wanted. A logger&#39;s file goes to
<code>POST /deliveries/{id}/logger?logger=BX-001&amp;zone=Asia/Shanghai</code> as <code>text/csv</code>, <code>logger</code> being the delivery&#39;s box; it is kept as it came, and
how it was read stands in the record for good, also where it could not be read.</p>
<p>The live feed is a WebSocket at <code>/api/v1/live</code>; <a href="/help/live-feed">its guide</a> has its frames, and a client in Python. <code>/healthz</code> and <code>/readyz</code> answer everybody, <code>/metrics</code> (Prometheus) an administrator&#39;s token. Bodies are read
strictly: unknown and repeated fields, names in another case and text that is no Unicode are refused.</p>
<h2 id="the-optimiser-by-itself">The optimiser by itself</h2>
<p>The optimiser can be used by itself, on
instances of the format blooddrone-dispatch/1 (examples, gzipped):</p>
<pre tabindex="0"><code>gunzip -c dispatch/plan/testdata/medium-01.json.gz &gt; /tmp/medium-01.json
go run ./cmd/hemolift plan -in /tmp/medium-01.json -out /tmp/plan.json -seconds 0.5
go run ./cmd/hemolift plan -in /tmp/medium-01.json -plan /tmp/plan.json -explain R3
</code></pre>
<h2 id="a-day-played-again">A day played again</h2>
<p>The same day with another fleet, weather or reserve, planned or played anew both times, and the difference in service and waste (<code>diff</code> has
the nine levels in the order of the score: 1 STAT requests unserved, 2 their minutes late, 3 and 4 the same of urgent, 5 and 6 of routine
requests, 7 units expired, 8 substitution, 9 energy in kJ). <code>-add hawk@C1:2</code> adds two drones of the class at the centre, <code>-time 1200</code> has
flights take 1200 thousandths of their time, <code>-reserve O-:2</code> keeps two units back:</p>
<pre tabindex="0"><code>go run ./cmd/hemolift whatif -in /tmp/medium-01.json -without D3 -add hawk@C1:2 -time 1200 -reserve O-:2
</code></pre>
<p>A running server exports a day of its record for that (its days are China&#39;s: UTC+8), under its own policy and wind or others:</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080; DAY=$(TZ=Asia/Shanghai date +%F)
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;li.jing&quot;,&quot;password&quot;:&quot;PASSWORD&quot;}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
curl -fsS $URL/api/v1/days/$DAY -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{}&#39; &gt; /tmp/day.json
curl -fsS $URL/api/v1/days/$DAY -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;wind_mps&quot;:11,&quot;wind_from_deg&quot;:270}&#39; &gt; /tmp/windy.json
go run ./cmd/hemolift whatif -in /tmp/day.json -other /tmp/windy.json
go run ./cmd/hemolift whatif -in /tmp/day.json -without HL-03 -add MR-10@SYBC:2
</code></pre>
<p>(<code>policy</code> in the body is the text of a policy file. The demo&#39;s clock runs ahead of yours, so its day may be the next one.)</p>
<p><code>-exact</code> proves a small plan (up to eight requests, as tiny-01) to be the best, <code>-online</code> plans while requests arrive, keeps charged drones and scarce units back for
STAT, and diverts a drone in the air when that saves a STAT request. A plan is written only after an independent checker
(dispatch/plan/verify) has passed it.</p>
<h2 id="routes-by-themselves">Routes by themselves</h2>
<p><code>hemolift route -scene DIR</code> plans the queries of a scene of zones (a directory with <code>scene.json</code>, <code>zones.geojson</code> and <code>queries.csv</code>) and
times them with <code>-bench N</code>.</p>
<p>Drones and boxes speak MQTT with a credential each; <a href="/help/devices">devices</a> has the fields and a walk-through with <code>mosquitto_pub</code>.</p>
`,sections:[{id:`the-integrator`,title:`The integrator`,text:`


![The hospital's page uses the same API](hospital.png)



`},{id:`the-api`,title:`The API`,text:`


The API is described by [web/api.yaml](../web/api.yaml) (OpenAPI 3.1), which a server gives at \`/api.yaml\`, under \`/api/v1/\`. A request by curl, with the demo running:



    URL=http://127.0.0.1:8080
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' \\
      -d '{"login":"zhang.min","password":"PASSWORD"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    NOW=$(curl -s $URL/api/v1/board -H "Authorization: Bearer $TOKEN" | sed 's/.*"now":"\\([^"]*\\)".*/\\1/')
    curl -s $URL/api/v1/requests -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
      -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \\
      -d '{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":2,"urgency":"stat","needed_by":"'$(date -u -d "$NOW +40 min" +%FT%TZ)'"}'



A token is good for 30 days and for all that its account may. \`"hours":24\` makes it end sooner, and \`"only":["getBoard","listUnits"]\` limits it to some
operations of [the API](../web/api.yaml): give a program no more than it needs.



A 201 means stored for good; the same key with the same body returns the same request. (The demo's clock runs faster than
yours, so the example asks the server for the time.)



**From acceptance to receipt.** \`POST /requests/{id}/accept\` with \`{}\` gives the delivery: a centre's people accept for their own centre,
which may be another drone and other units than the plan proposes for the other centre. \`drone\` names one, and
\`seen: {drone, arrive_at, units}\` says what was shown: when that has become worse, nothing is allocated, and the 409 \`moved-on\` holds
the new \`offer\`. Then each step is one
\`POST /deliveries/{id}/steps\`, by the centre and, from \`compare_seal\` on, by the hospital:



| \`step\` | with |
|---|---|
| \`check\` | nothing; by another person than the one who accepted |
| \`pack\`, \`receive\` | \`scans\`, what a scanner typed of the bag's label in any order (\`["]C0=A99992612345600","=<A0001V00"]\`), or \`unit\` (\`{"din":"A999926123456","product_code":"A0001V00"}\`, as the delivery has it) |
| \`quarantine\`, \`break\` | the same, and a \`note\` with the reason; \`receive\` asks for one against the cold chain's advice |
| \`seal\`, \`compare_seal\` | \`seal\` |
| \`load\` | \`box\` |



\`POST /labels\` says what scans mean and which structures are still wanted. A logger's file goes to
\`POST /deliveries/{id}/logger?logger=BX-001&zone=Asia/Shanghai\` as \`text/csv\`, \`logger\` being the delivery's box; it is kept as it came, and
how it was read stands in the record for good, also where it could not be read.



The live feed is a WebSocket at \`/api/v1/live\`; [its guide](live-feed.md) has its frames, and a client in Python. \`/healthz\` and \`/readyz\` answer everybody, \`/metrics\` (Prometheus) an administrator's token. Bodies are read
strictly: unknown and repeated fields, names in another case and text that is no Unicode are refused.



`},{id:`the-optimiser-by-itself`,title:`The optimiser by itself`,text:`


The optimiser can be used by itself, on
instances of the format blooddrone-dispatch/1 ([examples](../dispatch/plan/testdata), gzipped):



    gunzip -c dispatch/plan/testdata/medium-01.json.gz > /tmp/medium-01.json
    go run ./cmd/hemolift plan -in /tmp/medium-01.json -out /tmp/plan.json -seconds 0.5
    go run ./cmd/hemolift plan -in /tmp/medium-01.json -plan /tmp/plan.json -explain R3



`},{id:`a-day-played-again`,title:`A day played again`,text:`


The same day with another fleet, weather or reserve, planned or played anew both times, and the difference in service and waste (\`diff\` has
the nine levels in the order of the score: 1 STAT requests unserved, 2 their minutes late, 3 and 4 the same of urgent, 5 and 6 of routine
requests, 7 units expired, 8 substitution, 9 energy in kJ). \`-add hawk@C1:2\` adds two drones of the class at the centre, \`-time 1200\` has
flights take 1200 thousandths of their time, \`-reserve O-:2\` keeps two units back:



    go run ./cmd/hemolift whatif -in /tmp/medium-01.json -without D3 -add hawk@C1:2 -time 1200 -reserve O-:2



A running server exports a day of its record for that (its days are China's: UTC+8), under its own policy and wind or others:



    URL=http://127.0.0.1:8080; DAY=$(TZ=Asia/Shanghai date +%F)
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' \\
      -d '{"login":"li.jing","password":"PASSWORD"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    curl -fsS $URL/api/v1/days/$DAY -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{}' > /tmp/day.json
    curl -fsS $URL/api/v1/days/$DAY -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"wind_mps":11,"wind_from_deg":270}' > /tmp/windy.json
    go run ./cmd/hemolift whatif -in /tmp/day.json -other /tmp/windy.json
    go run ./cmd/hemolift whatif -in /tmp/day.json -without HL-03 -add MR-10@SYBC:2



(\`policy\` in the body is the text of a policy file. The demo's clock runs ahead of yours, so its day may be the next one.)



\`-exact\` proves a small plan (up to eight requests, as tiny-01) to be the best, \`-online\` plans while requests arrive, keeps charged drones and scarce units back for
STAT, and diverts a drone in the air when that saves a STAT request. A plan is written only after an independent checker
([dispatch/plan/verify](../dispatch/plan/verify/doc.go)) has passed it.



`},{id:`routes-by-themselves`,title:`Routes by themselves`,text:"\n\n\n`hemolift route -scene DIR` plans the queries of a scene of zones (a directory with `scene.json`, `zones.geojson` and `queries.csv`) and\ntimes them with `-bench N`.\n\n\n\nDrones and boxes speak MQTT with a credential each; [devices](devices.md) has the fields and a walk-through with `mosquitto_pub`.\n\n"}]},{name:`live-feed`,title:`The live feed`,html:`<h1 id="the-live-feed">The live feed</h1>
<p>Where drones and boxes are, what is measured of alarms, who is connected, and every event of the log, as they come.
live-feed.py reads it with nothing but Python&#39;s own library:</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;wall&quot;,&quot;password&quot;:&quot;PASSWORD&quot;,&quot;only&quot;:[&quot;live&quot;]}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
python3 docs/live-feed.py $URL $TOKEN
</code></pre>
<h2 id="to-connect">To connect</h2>
<p>A WebSocket at <code>/api/v1/live</code>, with <code>Authorization: Bearer TOKEN</code> or a browser&#39;s session, and one of two subprotocols: <code>hemolift.v1</code>, binary,
or <code>hemolift.v1.json</code>, the same as JSON for programs that need not be quick. An account with a site sees what is under way to its site
alone. <code>?after=SEQ</code> goes on with the events after one that is known; without it, with those that come from now on.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>what</th>
<th>how much</th>
</tr>
</thead>
<tbody><tr>
<td>connections of an account</td>
<td>200</td>
</tr>
<tr>
<td>connections of the server</td>
<td>10,000 (<code>serve -viewers</code>); beyond it 503, to be tried again later</td>
</tr>
<tr>
<td>a message to the server</td>
<td>4 kB, 60 at once and one a second</td>
</tr>
<tr>
<td>a ping of the server</td>
<td>every 20 s; a connection that does not answer for 60 s is ended</td>
</tr>
<tr>
<td>a frame without rows, when nothing moves</td>
<td>every second</td>
</tr>
</tbody></table></div>
<p>The server ends the connection with code 1008 when the session has ended or its rights have changed. Whoever comes back after a restart
should wait for a random time first.</p>
<p>A page that nobody sees says <code>{&quot;hidden&quot;:true}</code> and is told of events only, until it says <code>{&quot;hidden&quot;:false}</code>; it is sent a snapshot then.</p>
<h2 id="what-comes">What comes</h2>
<p><code>hello</code> first; then a snapshot of drones and one of boxes; then frames of what has changed. A reader that is too slow is sent
another snapshot instead of what it missed: only the newest of each device counts. Events are never left out: each is a frame of its own, in
the order of the log, and <code>seq</code> of the newest one is what <code>?after=</code> takes. Where there are more than 500 to be caught up with that the server
remembers no more, <code>hello</code> says <code>resync</code>, and <code>GET /board</code> is to be read anew.</p>
<p>A frame of <code>hemolift.v1</code> is little-endian: 24 bytes, and then columns, each with a value of every row, the widest first.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>byte</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>0</td>
<td>u8</td>
<td>version: 1</td>
</tr>
<tr>
<td>1</td>
<td>u8</td>
<td>kind</td>
</tr>
<tr>
<td>2</td>
<td>u16</td>
<td>flags; 1: the rows are boxes, otherwise drones</td>
</tr>
<tr>
<td>4</td>
<td>u32</td>
<td>count of rows</td>
</tr>
<tr>
<td>8</td>
<td>u64</td>
<td>sequence: of an event its own, otherwise that of the connection&#39;s frames</td>
</tr>
<tr>
<td>16</td>
<td>i64</td>
<td>server time in µs since 1970 in UTC, from which ages and ETAs are told</td>
</tr>
</tbody></table></div>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>kind</th>
<th>JSON</th>
<th>what follows</th>
</tr>
</thead>
<tbody><tr>
<td>1</td>
<td><code>snapshot</code></td>
<td>rows: all devices that the connection may see</td>
</tr>
<tr>
<td>2</td>
<td><code>delta</code></td>
<td>rows that have changed; none: a sign of life</td>
</tr>
<tr>
<td>3</td>
<td><code>remove</code></td>
<td>a column u16 of indexes that the connection may see no more</td>
</tr>
<tr>
<td>4</td>
<td><code>event</code></td>
<td>JSON: <code>seq</code>, <code>at</code>, <code>kind</code>, <code>actor</code>, <code>subject</code>, <code>detail</code></td>
</tr>
<tr>
<td>5</td>
<td><code>hello</code></td>
<td>JSON: <code>drones</code> and <code>boxes</code>, whose places are the indexes; <code>seq</code> of the newest event; <code>rate</code>, seconds of server time in a second; <code>resync</code></td>
</tr>
<tr>
<td>6</td>
<td><code>alarms</code></td>
<td>JSON: of each alarm <code>id</code>, <code>value</code>, <code>known</code>, <code>limit</code>, <code>worst</code>, <code>left_s</code></td>
</tr>
<tr>
<td>7</td>
<td><code>presence</code></td>
<td>JSON: who is connected</td>
</tr>
</tbody></table></div>
<p><code>hello</code> comes again, longer, before anything is told of a device that has joined. A row with an index that it does not have is to be left out.</p>
<p>The columns of drones:</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>column</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>longitude, latitude</td>
<td>i32 each</td>
<td>10⁻⁷ degrees, WGS 84</td>
</tr>
<tr>
<td>ETA</td>
<td>i32</td>
<td>s after the frame&#39;s time; −2³¹: none</td>
</tr>
<tr>
<td>to go</td>
<td>u32</td>
<td>m</td>
</tr>
<tr>
<td>index</td>
<td>u16</td>
<td></td>
</tr>
<tr>
<td>age</td>
<td>u16</td>
<td>of the position, tenths of a second; 65535: that or more</td>
</tr>
<tr>
<td>height</td>
<td>i16</td>
<td>above ground, 0.1 m</td>
</tr>
<tr>
<td>speed</td>
<td>u16</td>
<td>over ground, 0.01 m/s</td>
</tr>
<tr>
<td>track</td>
<td>u16</td>
<td>0.01 degrees from north, clockwise</td>
</tr>
<tr>
<td>climb</td>
<td>i16</td>
<td>0.01 m/s</td>
</tr>
<tr>
<td>battery</td>
<td>u16</td>
<td>0.01 %</td>
</tr>
<tr>
<td>need</td>
<td>u16</td>
<td>of battery to land with its reserve, 0.01 %</td>
</tr>
<tr>
<td>off</td>
<td>u16</td>
<td>aside of its path, m</td>
</tr>
<tr>
<td>behind</td>
<td>u16</td>
<td>its plan, s</td>
</tr>
<tr>
<td>link</td>
<td>i8</td>
<td>dBm</td>
</tr>
<tr>
<td>off height</td>
<td>i8</td>
<td>above the height of its path, m</td>
</tr>
<tr>
<td>outside</td>
<td>u8</td>
<td>1 aside of its path, 2 off its height, 4 behind its plan, for long enough to be an alarm</td>
</tr>
<tr>
<td>bits</td>
<td>u8</td>
<td>0–2 phase (1 parked, 2 airborne, 3 holding, 4 returning, 5 landed, 6 landing), 3–4 link (1 live, 2 late, 3 lost), 5 located</td>
</tr>
</tbody></table></div>
<p>The columns of boxes:</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>column</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>temperature</td>
<td>i32</td>
<td>thousandths of a degree Celsius</td>
</tr>
<tr>
<td>out of range</td>
<td>u32</td>
<td>s</td>
</tr>
<tr>
<td>index</td>
<td>u16</td>
<td></td>
</tr>
<tr>
<td>age</td>
<td>u16</td>
<td>of the reading, tenths of a second</td>
</tr>
<tr>
<td>state</td>
<td>u8</td>
<td>1 unknown, 2 in range, 3 near a limit, 4 excursion</td>
</tr>
<tr>
<td>bits</td>
<td>u8</td>
<td>1 watched, 2 was out of range, 4 the probe is faulty, 8 the lid is open, 16 there is a reading</td>
</tr>
</tbody></table></div>
<p>A box without the bit 16, or with state 1, is <strong>unknown</strong>, never in range. What is too old to be believed is the reader&#39;s to tell: the age is
there for that.</p>
`,sections:[{id:`the-live-feed`,title:`The live feed`,text:`


Where drones and boxes are, what is measured of alarms, who is connected, and every event of the log, as they come.
[live-feed.py](live-feed.py) reads it with nothing but Python's own library:



    URL=http://127.0.0.1:8080
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' \\
      -d '{"login":"wall","password":"PASSWORD","only":["live"]}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    python3 docs/live-feed.py $URL $TOKEN



`},{id:`to-connect`,title:`To connect`,text:`


A WebSocket at \`/api/v1/live\`, with \`Authorization: Bearer TOKEN\` or a browser's session, and one of two subprotocols: \`hemolift.v1\`, binary,
or \`hemolift.v1.json\`, the same as JSON for programs that need not be quick. An account with a site sees what is under way to its site
alone. \`?after=SEQ\` goes on with the events after one that is known; without it, with those that come from now on.



| what | how much |
|---|---|
| connections of an account | 200 |
| connections of the server | 10,000 (\`serve -viewers\`); beyond it 503, to be tried again later |
| a message to the server | 4 kB, 60 at once and one a second |
| a ping of the server | every 20 s; a connection that does not answer for 60 s is ended |
| a frame without rows, when nothing moves | every second |



The server ends the connection with code 1008 when the session has ended or its rights have changed. Whoever comes back after a restart
should wait for a random time first.



A page that nobody sees says \`{"hidden":true}\` and is told of events only, until it says \`{"hidden":false}\`; it is sent a snapshot then.



`},{id:`what-comes`,title:`What comes`,text:`


\`hello\` first; then a snapshot of drones and one of boxes; then frames of what has changed. A reader that is too slow is sent
another snapshot instead of what it missed: only the newest of each device counts. Events are never left out: each is a frame of its own, in
the order of the log, and \`seq\` of the newest one is what \`?after=\` takes. Where there are more than 500 to be caught up with that the server
remembers no more, \`hello\` says \`resync\`, and \`GET /board\` is to be read anew.



A frame of \`hemolift.v1\` is little-endian: 24 bytes, and then columns, each with a value of every row, the widest first.



| byte | | |
|---|---|---|
| 0 | u8 | version: 1 |
| 1 | u8 | kind |
| 2 | u16 | flags; 1: the rows are boxes, otherwise drones |
| 4 | u32 | count of rows |
| 8 | u64 | sequence: of an event its own, otherwise that of the connection's frames |
| 16 | i64 | server time in µs since 1970 in UTC, from which ages and ETAs are told |



| kind | JSON | what follows |
|---|---|---|
| 1 | \`snapshot\` | rows: all devices that the connection may see |
| 2 | \`delta\` | rows that have changed; none: a sign of life |
| 3 | \`remove\` | a column u16 of indexes that the connection may see no more |
| 4 | \`event\` | JSON: \`seq\`, \`at\`, \`kind\`, \`actor\`, \`subject\`, \`detail\` |
| 5 | \`hello\` | JSON: \`drones\` and \`boxes\`, whose places are the indexes; \`seq\` of the newest event; \`rate\`, seconds of server time in a second; \`resync\` |
| 6 | \`alarms\` | JSON: of each alarm \`id\`, \`value\`, \`known\`, \`limit\`, \`worst\`, \`left_s\` |
| 7 | \`presence\` | JSON: who is connected |



\`hello\` comes again, longer, before anything is told of a device that has joined. A row with an index that it does not have is to be left out.



The columns of drones:



| column | | |
|---|---|---|
| longitude, latitude | i32 each | 10⁻⁷ degrees, WGS 84 |
| ETA | i32 | s after the frame's time; −2³¹: none |
| to go | u32 | m |
| index | u16 | |
| age | u16 | of the position, tenths of a second; 65535: that or more |
| height | i16 | above ground, 0.1 m |
| speed | u16 | over ground, 0.01 m/s |
| track | u16 | 0.01 degrees from north, clockwise |
| climb | i16 | 0.01 m/s |
| battery | u16 | 0.01 % |
| need | u16 | of battery to land with its reserve, 0.01 % |
| off | u16 | aside of its path, m |
| behind | u16 | its plan, s |
| link | i8 | dBm |
| off height | i8 | above the height of its path, m |
| outside | u8 | 1 aside of its path, 2 off its height, 4 behind its plan, for long enough to be an alarm |
| bits | u8 | 0–2 phase (1 parked, 2 airborne, 3 holding, 4 returning, 5 landed, 6 landing), 3–4 link (1 live, 2 late, 3 lost), 5 located |



The columns of boxes:



| column | | |
|---|---|---|
| temperature | i32 | thousandths of a degree Celsius |
| out of range | u32 | s |
| index | u16 | |
| age | u16 | of the reading, tenths of a second |
| state | u8 | 1 unknown, 2 in range, 3 near a limit, 4 excursion |
| bits | u8 | 1 watched, 2 was out of range, 4 the probe is faulty, 8 the lid is open, 16 there is a reading |



A box without the bit 16, or with state 1, is **unknown**, never in range. What is too old to be believed is the reader's to tell: the age is
there for that.

`}]},{name:`security`,title:`Security`,html:`<h1 id="security">Security</h1>
<p>This page is for whoever decides whether Hemolift may run at a site: first what is protected, from whom and how; then the
requirements of a known standard, with the test that holds each one, and what is not met yet.</p>
<h2 id="threat-model">Threat model</h2>
<p><strong>What is worth protecting</strong>, the gravest first:</p>
<ol>
<li><em>What flies.</em> A mission, a release, a return or a new route sent by the wrong hand can hurt people on the ground.</li>
<li><em>The right blood.</em> Which unit is in which box, who checked it, how warm it was, and the verdict.</li>
<li><em>The record.</em> Custody, verdicts, samples and the log of who did what must not change afterwards.</li>
<li><em>Service.</em> A desk that does not answer delays blood.</li>
<li><em>Secrets.</em> Passwords, session tokens, devices&#39; secrets, the database&#39;s password, the TLS key.</li>
<li><em>What is told about patients.</em> A request may state sex, age band and anti-D, never a name or a record number. Together
with hospital and hour that can still point at a person.</li>
</ol>
<p><strong>Who may attack.</strong> Somebody on the network without an account; somebody who guesses or stole a password or a token; a person
with an account who does more than the role allows, or acts under a colleague&#39;s open session; a page that a signed-in person
visits; a drone or box that is broken, stolen or imitated; a dependency that turned bad; somebody with access to the machine.</p>
<p><strong>The doors.</strong></p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>door</th>
<th>who comes in</th>
<th>what holds</th>
</tr>
</thead>
<tbody><tr>
<td>page and API (HTTP)</td>
<td>people by password and cookie, programs by password and token</td>
<td>TLS beyond loopback unless <code>-plain</code>; slowed guessing; own origin only; strict bodies; a share of requests and work for each account</td>
</tr>
<tr>
<td>a guest&#39;s link (HTTP)</td>
<td>whoever has it, without an account</td>
<td>130 random bits, kept as a hash, in the address after <code>#</code>, which browsers do not send; one operation, one delivery, read only; it runs out, is revoked, is logged; two questions a second</td>
</tr>
<tr>
<td>an invitation&#39;s link (HTTP)</td>
<td>whoever has it, without an account</td>
<td>130 random bits, kept as a hash, after <code>#</code>; it chooses the password of one account, once, within 48 hours; withdrawn, replaced or disabled it opens nothing; logged</td>
</tr>
<tr>
<td>enrolment of a device (HTTP)</td>
<td>whoever has its code</td>
<td>50 random bits, kept as a hash, for one device, once, within an hour; slowed guessing; logged</td>
</tr>
<tr>
<td>live feed (WebSocket)</td>
<td>the same sessions</td>
<td>own origin; each viewer hears its own site&#39;s events; ends with its session</td>
</tr>
<tr>
<td>device door (MQTT)</td>
<td>drones and boxes, by a secret each</td>
<td>TLS beyond loopback unless <code>-plain</code>; own topics only, no last will, nothing retained; quotas; slowed guessing; a new secret cuts the old connection</td>
</tr>
<tr>
<td>policy and profiles (HTTP)</td>
<td>administrators and quality, with the password shown lately in a browser</td>
<td>read whole and checked before anything is written; another person of quality approves them, with the password each time, by the SHA-256 of what they saw; all versions are kept, and only added to</td>
</tr>
<tr>
<td>files given at the start</td>
<td>the operator</td>
<td>network, policy and profile files are checked before the server serves</td>
</tr>
<tr>
<td>the network&#39;s files (HTTP)</td>
<td>administrators of all sites, with the password shown lately in a browser</td>
<td>read whole and checked before anything is written; a preview; what is under way is not moved; each value logged as it was and is</td>
</tr>
<tr>
<td>database</td>
<td>the server</td>
<td>a role that owns nothing, or the same role as owner with a warning; one server on a record</td>
</tr>
<tr>
<td>outward</td>
<td>nobody, unless the operator says <code>-oidc-issuer</code> or <code>-notify</code></td>
<td>the provider, at its own address. With <code>-notify</code> push services&#39; and webhooks&#39; addresses that users and administrators state: https only, no redirects, no address within a network but what <code>-notify-inside</code> names, looked at when the connection is made; 10 s and three tries each, 32 at once; nothing of the patient, the group, units or persons is sent. Once, on a machine without PostgreSQL, <code>npm</code> fetches one of a fixed version and SHA-512</td>
</tr>
</tbody></table></div>
<p><strong>What holds inside.</strong></p>
<ul>
<li>One table says who may do what, on whose things (permit.go). What it does not list is refused.</li>
<li>A check of units needs another person than the one who allocated them, where the policy asks for a second person; the
database then refuses the same person too. A scan that does not fit is refused.</li>
<li>A drone answers with the hash of its plan before take-off is released.</li>
<li>The server&#39;s role may add to the log, custody, verdicts, samples and files and change none of it
(rights.go); triggers refuse changes of log and custody even to the owner.</li>
<li>Times that a device, person or file states are evidence beside the server&#39;s own time, by which the record is ordered.</li>
<li>An acknowledgement, to a person or a device, means that the database has committed.</li>
</ul>
<p><strong>Sign-in, in numbers.</strong> Passwords are kept as argon2id (64 MB, one pass), tokens and devices&#39; secrets (130 random bits) as
SHA-256. A person&#39;s session ends after 12 hours, or 2 hours without a request; a program&#39;s token after 30 days. An account has
at most 100 sessions; the oldest end. After three wrong passwords for one account from one address each next try waits longer,
from 1 s up to 1 minute; after thirty from one address, up to 5 s. Nobody is locked out. One account may ask 50 times a second
(500 at once after a pause), large bodies and long work counting as several. Devices&#39; quotas stand in <a href="/help/devices">devices</a>.</p>
<p><strong>What remains.</strong></p>
<ul>
<li>A password alone opens every role, the administrator&#39;s and flight control&#39;s too, and a 30-day token with it.</li>
<li>An administrator&#39;s token manages accounts without the password being shown again. Rights of the database let the server change
roles and passwords, so that a server that was taken over could make itself an administrator; the log would tell.</li>
<li>An invitation&#39;s link is as good as a password until it is used, for 48 hours: it goes by whatever way the administrator chooses.</li>
<li>Behind a proxy with <code>-plain</code>, the cookie is not marked <code>Secure</code>, no HSTS is sent, and every person has the proxy&#39;s address: the
log names that one, one person&#39;s wrong passwords make everybody wait, and a guesser can keep an account&#39;s owner waiting too.</li>
<li>Rights of the database stop injected SQL, not code that runs in the server: it holds the owner&#39;s address, and a private
PostgreSQL trusts whoever reaches its socket (its own user and root).</li>
<li>The log can be added to but is not chained or copied elsewhere; whoever owns the database or the machine can change it.</li>
<li>The key pair for push services and webhooks&#39; secrets lie in the database as they are: whoever reads it can sign as the server.</li>
<li>A guest&#39;s link works for whoever it is passed on to, until it runs out or is revoked. It tells where a drone with blood is.</li>
<li>An unlocked screen acts as its person: only the end of a delivery at the ward asks for the password again.</li>
<li>A stolen drone or box speaks for itself until an administrator renews its secret. What it reports in range is believed.</li>
<li>The map&#39;s position of a drone is what the drone says; nothing else on the ground confirms it.</li>
<li>Data at rest is not encrypted by the product, and neither is the archived log; backups are when <code>-encrypt-to</code> says so. Whoever
reads them reads the record, with hashes of passwords and the keys that lie in it.</li>
</ul>
<h2 id="owasp-asvs-50-levels-1-and-2">OWASP ASVS 5.0, levels 1 and 2</h2>
<p><strong>No compliance is claimed.</strong> Nobody independent has looked. The numbers are recalled and were compared once with a copy of the
English text of 5.0.0; check them against the standard before you rely on one. The words are ours. Level 3 is left out. A row
with an entry under <em>Not yet</em> is met in part, or not at all when nothing stands under <em>Where it is met</em>. &quot;By design&quot; means
that there is nothing to test; &quot;—&quot; under <em>Test</em> means that the code does it and no test of its own holds it.</p>
<h3 id="v1-encoding-and-sanitization">V1 Encoding and sanitization</h3>
<p>Does not apply: LDAP, XPath, LaTeX, HTML from editors, users&#39; SVG or Markdown, JNDI, memcache, mail, XML (V1.2.6 to V1.2.8,
V1.3.1, V1.3.4, V1.3.5, V1.3.8, V1.3.9, V1.3.11, V1.5.1).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V1.1.1 Decode input once, before it is checked</td>
<td><code>web/guards.go</code>, <code>web/decode.go</code></td>
<td><code>TestWhatIsNoTextIsRefusedWhereverItStands</code>, <code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V1.1.2 Encode output last, where it is used</td>
<td><code>encoding/json</code>, Svelte&#39;s text, <code>web/print</code></td>
<td><code>TestTheRecordPrintsWhateverItHolds</code></td>
<td></td>
</tr>
<tr>
<td>V1.2.1 Output encoding fits its place</td>
<td><code>web/problem.go</code> (<code>reply</code>), Svelte</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.2 Addresses are built safely</td>
<td><code>web/ui/src</code>: only paths of our own, with ids that the server made</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.3 JSON and script are built by encoders</td>
<td><code>encoding/json</code>; the page builds no script</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.4 Queries take parameters</td>
<td><code>dispatch/dispatchdb</code>, <code>telemetry/telemetrydb</code> (pgx); <code>make_day</code> in <code>0015_rights.sql</code></td>
<td><code>TestWhatTheServersRoleIsRefused</code></td>
<td></td>
</tr>
<tr>
<td>V1.2.5 No injection into commands of the system</td>
<td><code>migrations/localpg</code>: programs are started without a shell, with no user&#39;s text</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V1.2.9 Users&#39; text does not become a regular expression</td>
<td>All expressions are constants</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V1.3.2 No <code>eval</code> or the like</td>
<td>No <code>eval</code> in the page&#39;s source; the content security policy lets in WebAssembly (<code>wasm-unsafe-eval</code>, what reads labels from a camera) and no other</td>
<td><code>TestThePageAndWhatItNeeds</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.3 Text for a dangerous place is bounded first</td>
<td><code>web/guards.go</code>, <code>telemetry/gateway/decode.go</code>, lengths in the rooms</td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.6 The server calls no address that a user states</td>
<td>None without <code>-notify</code> (the provider of <code>-oidc-issuer</code> is the operator&#39;s); with it public https addresses alone, and the networks that the operator names (<code>web/notify</code>)</td>
<td><code>TestNoticesReachAPhone</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.7 No template from users&#39; text</td>
<td>No templates</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V1.3.10 No format string from users&#39; text</td>
<td>Go; <code>go vet</code> looks for it</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V1.4.1 Memory-safe strings and copies</td>
<td>Go, TypeScript</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V1.4.2 Numbers cannot overflow unseen</td>
<td><code>web/decode.go</code>, <code>telemetry/gateway/decode.go</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code>, <code>FuzzDecode</code></td>
<td></td>
</tr>
<tr>
<td>V1.4.3 What is taken is given back</td>
<td>Go; <code>telemetry/listen</code>; leak tests</td>
<td><code>TestSilentSocketsKeepNobodyOut</code>, <code>TestClosedConnectionsAreNotCounted</code></td>
<td></td>
</tr>
<tr>
<td>V1.5.2 Only expected types are read from outside</td>
<td>JSON into fixed types, <code>web/decode.go</code>, <code>telemetry/gateway/decode.go</code></td>
<td><code>TestDecodeNamesTheField</code>, <code>FuzzDecodeOrder</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v2-validation-and-business-logic">V2 Validation and business logic</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V2.1.1 The form of inputs is written down</td>
<td><code>web/api.yaml</code>, <a href="/help/devices">devices</a></td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V2.1.2 What must fit together is written down</td>
<td>Constraints in <code>migrations</code>, <code>dispatch/delivery</code>, <code>doc.go</code> of the packages</td>
<td><code>TestSchemaRefusesBrokenPromises</code></td>
<td></td>
</tr>
<tr>
<td>V2.1.3 Limits are written down, of one user and of all</td>
<td>This page, <a href="/help/devices">devices</a>, <code>web/turns.go</code></td>
<td>—</td>
<td>The limits of a desk as a whole (open requests of a hospital, feeds, files a day) stand in the code only</td>
</tr>
<tr>
<td>V2.2.1 Input is compared with what is expected</td>
<td><code>web/decode.go</code>, rooms of <code>dispatch</code>, <code>telemetry/tracker.go</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code>, <code>TestWhatMayBeAskedFor</code>, <code>TestTimesThatAreStatedAreBounded</code></td>
<td></td>
</tr>
<tr>
<td>V2.2.2 The server checks, whatever the page did</td>
<td><code>dispatch</code>, and again the database</td>
<td><code>TestBadInputIsRefusedAndCounted</code>, <code>TestSchemaRefusesBrokenPromises</code></td>
<td></td>
</tr>
<tr>
<td>V2.2.3 Combinations make sense</td>
<td><code>dispatch/delivery</code>, constraints in <code>migrations</code></td>
<td><code>TestSchemaRefusesBrokenPromises</code>, <code>TestWhatMayBeAskedFor</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.1 Steps follow in order, none is skipped</td>
<td><code>dispatch/delivery</code> (one table of steps)</td>
<td><code>TestWhatIsRefused</code>, <code>TestAStepIsRefusedByWhatIsWrongWithIt</code>, <code>TestFromAllocationToReceipt</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.2 Limits of the business are kept</td>
<td><code>dispatch</code>, <code>dispatch/dispatchdb</code></td>
<td><code>TestHowManyRequestsOfAHospitalAreOpen</code>, <code>TestSameKeySameRequest</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.3 A change is whole or not at all</td>
<td><code>dispatch/dispatchdb</code> (one transaction)</td>
<td><code>TestARequestThatCannotBeWrittenIsRefusedForNow</code>, <code>TestNothingAcknowledgedIsLostByKill</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.4 Nothing is given away twice</td>
<td>Row locks and exclusion constraints</td>
<td><code>TestConcurrentAcceptsTakeEachThingOnce</code>, <code>TestTwoDronesOnePad</code></td>
<td></td>
</tr>
<tr>
<td>V2.4.1 Machines cannot ask without end</td>
<td><code>web/turns.go</code>, <code>telemetry/gateway/quota.go</code>, <code>telemetry/listen</code></td>
<td><code>TestWhatOneAccountMayAskFor</code>, <code>TestAnAccountAtFullSpeed</code>, <code>TestABodyOfUnknownLength</code>, <code>TestADeviceOverItsQuota</code>, <code>TestWhateverADeviceSendsIsMetered</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v3-web-frontend">V3 Web frontend</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V3.2.1 Answers are not shown as something else</td>
<td><code>web/guards.go</code> (<code>nosniff</code>, content security policy)</td>
<td><code>TestThePageAndWhatItNeeds</code>, <code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.2.2 Text is shown as text</td>
<td>Svelte; no <code>innerHTML</code>, and <code>{@html}</code> for the guides alone, which are rendered when the page is built</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V3.3.1 Cookies are <code>Secure</code>, with a prefix in the name</td>
<td><code>web/auth.go</code>: <code>Secure</code> when the server itself has TLS</td>
<td><code>TestSigningInAnew</code></td>
<td>The name has no <code>__Host-</code> or <code>__Secure-</code>; behind a proxy (<code>-plain</code>) the cookie is not <code>Secure</code></td>
</tr>
<tr>
<td>V3.3.2 <code>SameSite</code> fits</td>
<td><code>web/auth.go</code> (<code>Strict</code>); the sealed cookie of a sign-in by a provider must come back from there: <code>Lax</code>, on its own path (<code>web/byprovider.go</code>)</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V3.3.3 <code>__Host-</code> in the cookie&#39;s name</td>
<td></td>
<td></td>
<td>The name is the same with and without TLS; it would have to differ</td>
</tr>
<tr>
<td>V3.3.4 <code>HttpOnly</code>, and the token goes out by the cookie only</td>
<td><code>web/auth.go</code>, <code>web/sessions.go</code></td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.1 HSTS for a year, with subdomains</td>
<td><code>web/guards.go</code>: a year</td>
<td><code>TestAnswersAreNotKept</code></td>
<td>Without subdomains, since the server cannot know them; none behind a proxy</td>
</tr>
<tr>
<td>V3.4.2 Other origins are allowed by a fixed list</td>
<td>No CORS header is ever sent</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.3 A content security policy</td>
<td><code>web/guards.go</code>: <code>default-src &#39;none&#39;</code>, which covers objects, and <code>base-uri &#39;none&#39;</code></td>
<td><code>TestThePageAndWhatItNeeds</code>, <code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.4 <code>nosniff</code> on every answer</td>
<td><code>web/guards.go</code></td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.5 A referrer policy</td>
<td><code>web/guards.go</code> (<code>no-referrer</code>)</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.6 No embedding in foreign pages</td>
<td><code>web/guards.go</code> (<code>frame-ancestors &#39;none&#39;</code>)</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.1 Requests come from the own page</td>
<td><code>web/server.go</code> (Go&#39;s cross-origin protection)</td>
<td><code>TestAnotherOriginIsRefused</code>, <code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.2 Nothing that needs a preflight works without one</td>
<td>As above, and the body&#39;s type must be JSON, or CSV for a logger&#39;s file or a supplier&#39;s list</td>
<td><code>TestAnotherOriginIsRefused</code>, <code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.3 What changes something is no GET</td>
<td><code>web/api.yaml</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V3.5.4 One application a host name</td>
<td></td>
<td></td>
<td>The operator&#39;s choice; the guide does not say it</td>
</tr>
<tr>
<td>V3.5.5 Foreign messages to the page are dropped</td>
<td>The page takes no messages of other windows; its own tabs tell each other of a sign-out (<code>BroadcastChannel</code>, own origin alone)</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V3.7.1 No dead browser technology</td>
<td><code>web/ui</code></td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V3.7.2 No redirect to foreign hosts</td>
<td>To the identity provider that the operator named, and to no other host</td>
<td>By design</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v4-api-and-web-service">V4 API and web service</h3>
<p>Does not apply: GraphQL (V4.3), a token for the feed beside the session (V4.4.3, V4.4.4).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V4.1.1 The content type is right, with its character set</td>
<td><code>web/problem.go</code>, <code>web/coldchain.go</code>; every answer in the tests is compared with <code>api.yaml</code></td>
<td><code>TestTheServerAsksTheTableOfPermits</code>, <code>TestTheColdChainOfADeliveryIsRead</code></td>
<td>The SVG curve names no character set</td>
</tr>
<tr>
<td>V4.1.2 The API does not redirect from HTTP to HTTPS</td>
<td>There is no plain port beside the encrypted one</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V4.1.3 A proxy&#39;s headers cannot be forged</td>
<td><code>web/caller.go</code>: none is read</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V4.2.1 The borders of messages are sure</td>
<td>Go&#39;s <code>net/http</code>; a proxy is the operator&#39;s</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V4.4.1 WebSocket over TLS</td>
<td>Same door as HTTPS; plain text beyond loopback is refused</td>
<td><code>TestPlainTextStaysOnLoopback</code></td>
<td><code>-plain</code> leaves it to a proxy</td>
</tr>
<tr>
<td>V4.4.2 The feed&#39;s origin is looked at</td>
<td><code>web/live/viewer.go</code> (own host only)</td>
<td><code>TestTheFeedIsForTheOwnPage</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v5-file-handling">V5 File handling</h3>
<p>The one upload is a temperature logger&#39;s CSV file. No upload is served to others, unpacked, run, or stored under a user&#39;s name.
Does not apply: archives, public folders, scanning for others&#39; downloads (V5.2.3, V5.3.1, V5.4.3).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V5.1.1 Which files, how large, is written down</td>
<td><code>web/api.yaml</code>, <a href="/help/quality">quality</a></td>
<td>—</td>
<td>The sizes (a logger&#39;s file 8 MB, a supplier&#39;s list 2 MB, a network&#39;s files 16 MB, a document 256 kB) stand in the code only</td>
</tr>
<tr>
<td>V5.2.1 Files are small enough</td>
<td><code>web/coldchain.go</code>, <code>web/units.go</code>, <code>web/networkfiles.go</code>, <code>web/documents.go</code>, <code>telemetry/coldchain/readings/read.go</code></td>
<td><code>TestALoggersFileIsComparedWithWhatWasHeard</code>, <code>TestWhatIsRefused</code></td>
<td></td>
</tr>
<tr>
<td>V5.2.2 The content is what it says</td>
<td><code>telemetry/coldchain/readings/read.go</code>, <code>dispatch/intake</code>, <code>dispatch/network</code>, <code>dispatch/document</code> reads every line</td>
<td><code>TestNoLineThatIsLostFlatters</code>, <code>FuzzRead</code></td>
<td></td>
</tr>
<tr>
<td>V5.3.2 No path from users&#39; text</td>
<td>Files go into the database; paths are the operator&#39;s flags</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V5.4.1 A download has a name of ours</td>
<td><code>web/coldchain.go</code>, <code>web/zones.go</code>: the delivery&#39;s id or a fixed name, and a fixed ending</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V5.4.2 That name is encoded</td>
<td><code>web/coldchain.go</code>: quoted; only ids that exist get so far</td>
<td>—</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v6-authentication">V6 Authentication</h3>
<p>Does not apply: one-time codes, telephone, push (V6.5, V6.6), SAML (V6.8.3), the loss of a second factor (V6.4.4).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V6.1.1 How guessing is held off is written down</td>
<td>This page, <code>telemetry/attempts</code></td>
<td><code>TestWrongAttemptsWaitLongerAndLonger</code></td>
<td></td>
</tr>
<tr>
<td>V6.1.2 A list of words that no password may be</td>
<td><code>web/password.go</code>: the account&#39;s own names, the product</td>
<td><code>TestAPersonIsInvited</code></td>
<td>A site cannot add words</td>
</tr>
<tr>
<td>V6.1.3 All ways in are written down</td>
<td>This page: password to cookie, password to token, a passkey or an identity provider to cookie, a guest&#39;s, an invitation&#39;s and a device&#39;s link or code, a device&#39;s secret</td>
<td><code>TestATokenIsForPrograms</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.1 Passwords have 8 characters or more</td>
<td><code>web/password.go</code>: 12</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.2 People can change their password</td>
<td><code>web/accounts.go</code>, <code>web/ui/src/parts/ChangePassword.svelte</code></td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.3 The old password is needed for it</td>
<td><code>web/accounts.go</code></td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.4 The commonest passwords are refused</td>
<td><code>web/password.go</code> (zxcvbn, whose lists hold more than 30,000)</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.5 Any character may be used</td>
<td><code>web/password.go</code>: no rule of kinds</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V6.2.6 The field hides what is typed</td>
<td><code>web/ui/src/SignIn.svelte</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.7 Pasting and password managers work</td>
<td><code>web/ui/src/SignIn.svelte</code> (<code>autocomplete</code>)</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.8 The password is compared as typed</td>
<td><code>web/auth.go</code>: neither cut nor changed</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.9 64 characters are allowed</td>
<td><code>web/password.go</code>: 128</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.10 No change by the calendar</td>
<td>There is none</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V6.2.11 The list of words is used</td>
<td><code>web/password.go</code></td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.12 Breached passwords are refused</td>
<td></td>
<td></td>
<td>No check yet; it needs a list that a site without internet can hold</td>
</tr>
<tr>
<td>V6.3.1 Guessing is held off</td>
<td><code>telemetry/attempts</code>, <code>web/auth.go</code>, <code>telemetry/gateway/judge.go</code></td>
<td><code>TestGuessingIsSlowed</code>, <code>TestAnAddressThatTriesManyAccountsIsSlowed</code>, <code>TestManyAtOnceAreCountedBeforeTheyAreMade</code>, <code>TestGuessesOfADevicesSecret</code></td>
<td>Behind a proxy all people are one address</td>
</tr>
<tr>
<td>V6.3.2 No default accounts</td>
<td><code>cmd/hemolift/serve.go</code>: <code>admin</code> has no password until its person chooses one; another administrator can disable it</td>
<td><code>TestAnAdministratorInvitesPeople</code></td>
<td>The first name is fixed</td>
</tr>
<tr>
<td>V6.3.3 A second factor</td>
<td><code>web/passkey</code>: a passkey is a device and what unlocks it, which is asked for</td>
<td><code>TestAPasskeyThatLies</code>, <code>TestPeopleSignInByAPasskey</code></td>
<td>By each person&#39;s choice: no role must have one</td>
</tr>
<tr>
<td>V6.3.4 Every way in is equally strong</td>
<td><code>web/auth.go</code>: cookie and token ask the same</td>
<td><code>TestWhoIsNotLetIn</code></td>
<td>A token lives for 30 days on the same single password</td>
</tr>
<tr>
<td>V6.4.1 First passwords are random, short-lived and not kept</td>
<td>There are none: an invitation is random, ends after 48 hours, and is kept as a hash (<code>dispatch/dispatchdb/invitation.go</code>)</td>
<td><code>TestAnInvitationIsForOnce</code></td>
<td></td>
</tr>
<tr>
<td>V6.4.2 No hints or secret questions</td>
<td>There are none</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V6.4.3 A lost password can be set anew, safely</td>
<td>By an invitation, as at first</td>
<td><code>TestAnAdministratorInvitesPeople</code></td>
<td>Who asks for one is for the administrator to know</td>
</tr>
<tr>
<td>V6.8.1 One provider&#39;s person cannot pass for another&#39;s</td>
<td>An account is found by issuer and subject together</td>
<td><code>TestAnAccountIsJoinedByItsPersonAlone</code></td>
<td></td>
</tr>
<tr>
<td>V6.8.2 What a provider signs is checked</td>
<td>V9</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V6.8.4 How strongly somebody signed in there</td>
<td>Who signs or gives rights is asked by the provider again, and <code>auth_time</code> is held against it (<code>web/provider/provider.go</code>)</td>
<td><code>TestAProviderAsksAPersonAgain</code>, <code>TestASignatureByTheProvider</code></td>
<td>By which means is not looked at (<code>acr</code>, <code>amr</code>): it is the provider&#39;s to ask for</td>
</tr>
</tbody></table></div>
<h3 id="v7-session-management">V7 Session management</h3>
<p>Does not apply: federated sessions (V7.1.3, V7.6).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V7.1.1 Lifetimes are written down, with reasons</td>
<td>This page</td>
<td>—</td>
<td>Reasons are not given; 30 days of a token without an idle limit are long</td>
</tr>
<tr>
<td>V7.1.2 How many sessions, and what then</td>
<td>This page, <code>dispatch/dispatchdb/session.go</code></td>
<td>—</td>
<td>No test of the hundred</td>
</tr>
<tr>
<td>V7.2.1 The server checks each token</td>
<td><code>web/caller.go</code>, <code>dispatch/dispatchdb/session.go</code></td>
<td><code>TestTheServerAsksTheTableOfPermits</code></td>
<td></td>
</tr>
<tr>
<td>V7.2.2 Tokens are made for a session</td>
<td><code>web/auth.go</code></td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code>, <code>TestATokenIsForPrograms</code></td>
<td></td>
</tr>
<tr>
<td>V7.2.3 128 random bits at least</td>
<td><code>web/auth.go</code>: Go&#39;s <code>crypto/rand.Text</code>, 130 bits; only the hash is kept</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V7.2.4 Signing in gives a new token and ends the old one</td>
<td><code>web/sessions.go</code>: a new one, and the one that the browser had ends</td>
<td><code>TestSigningInAnew</code></td>
<td></td>
</tr>
<tr>
<td>V7.3.1 An idle session ends</td>
<td><code>web/auth.go</code>: 2 hours</td>
<td><code>TestSessionsEnd</code></td>
<td>An open page keeps asking, so that it is idle only when closed; tokens have no idle limit</td>
</tr>
<tr>
<td>V7.3.2 Every session ends</td>
<td><code>web/auth.go</code>: 12 hours, 30 days</td>
<td><code>TestSessionsEnd</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.1 An ended session is of no use</td>
<td>Row deleted; the feed ends with it (<code>web/live/viewer.go</code>)</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code>, <code>TestSessionsOfOnesOwn</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.2 Disabling an account ends its sessions</td>
<td><code>dispatch/dispatchdb/account.go</code></td>
<td><code>TestADisabledAccountEndsAtOnce</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.3 A new password can end the other sessions</td>
<td>It does (<code>dispatch/dispatchdb/account.go</code>)</td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.4 Signing out is easy to find</td>
<td><code>web/ui/src/parts/Header.svelte</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V7.4.5 Administrators can end others&#39; sessions</td>
<td>By disabling the account</td>
<td><code>TestADisabledAccountEndsAtOnce</code></td>
<td>Not one by one</td>
</tr>
<tr>
<td>V7.5.1 Changing what signs one in asks for the password</td>
<td><code>web/accounts.go</code></td>
<td><code>TestAPasswordIsChanged</code>, <code>TestAccountsAreManagedByWhoShowsThePassword</code></td>
<td>An administrator&#39;s token asks for nothing more</td>
</tr>
<tr>
<td>V7.5.2 People see and end their sessions, after the password again</td>
<td><code>web/sessions.go</code>, <code>web/ui/src/parts/Sessions.svelte</code></td>
<td><code>TestSessionsOfOnesOwn</code></td>
<td>Ending one does not ask for the password</td>
</tr>
</tbody></table></div>
<h3 id="v8-authorization">V8 Authorization</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V8.1.1 Who may do what on whose things is written down</td>
<td><code>dispatch/delivery/permit.go</code></td>
<td><code>TestEveryOperationOfTheAPIHasARowOfPermits</code></td>
<td></td>
</tr>
<tr>
<td>V8.1.2 The same of single fields</td>
<td><code>permit.go</code>: rows with a slash, as <code>getEvents/audit</code>, <code>getBoard/plans</code></td>
<td><code>TestWhoMayDoWhat</code></td>
<td>What other fields each role may write stands in the handlers</td>
</tr>
<tr>
<td>V8.2.1 Operations need a permit</td>
<td><code>web/handlers.go</code>, <code>permit.go</code>; what is not listed is refused</td>
<td><code>TestTheServerAsksTheTableOfPermits</code>, <code>TestTheTableOfPermitsAgainstTheServer</code>, <code>TestWhoMayDoWhat</code></td>
<td></td>
</tr>
<tr>
<td>V8.2.2 So does each thing</td>
<td><code>permit.go</code> (own site or all), asked in <code>dispatch</code></td>
<td><code>TestPermitsAreOfSites</code>, <code>TestNobodyWithoutASiteHasAll</code>, <code>TestWhoOrderedItAgainstTheServer</code></td>
<td></td>
</tr>
<tr>
<td>V8.2.3 So do single fields</td>
<td><code>web/board.go</code>, <code>permit.go</code></td>
<td><code>TestTheLogKeepsSessions</code>, <code>TestWhatOperatorsSee</code></td>
<td></td>
</tr>
<tr>
<td>V8.3.1 The server decides</td>
<td><code>web</code>, <code>dispatch</code>; the page only hides what is refused</td>
<td><code>TestTheTableOfPermitsAgainstTheServer</code></td>
<td></td>
</tr>
<tr>
<td>V8.4.1 One hospital cannot touch another</td>
<td>Sites in <code>permit.go</code>; events by site</td>
<td><code>TestAHospitalsFeed</code>, <code>TestAHospitalPagesThroughItsEvents</code>, <code>TestTheTableOfPermitsAgainstTheServer</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v9-self-contained-tokens">V9 Self-contained tokens</h3>
<p>The product&#39;s own tokens are random and mean nothing by themselves. An identity provider&#39;s token is read once, when somebody signs in by it.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V9.1.1 Its signature is checked before it is believed</td>
<td><code>web/provider/provider.go</code> (go-oidc)</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.1.2 Only listed algorithms, never none</td>
<td>go-oidc: those that the provider names, of signatures by key pairs</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.1.3 Keys come from a source that was set before</td>
<td>The issuer&#39;s address is a flag; its keys come from there alone, and no redirect leads elsewhere (<code>web/provider/bounded.go</code>)</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.2.1 Its time is checked</td>
<td><code>web/provider/provider.go</code></td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.2.3 It is for this server</td>
<td><code>web/provider/provider.go</code>: the audience</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v10-oauth-and-oidc">V10 OAuth and OIDC</h3>
<p>The product is a client of one identity provider, where the operator names one (<code>web/provider</code>). Does not apply: V10.3, V10.4, V10.6 and V10.7 are for
those who give tokens, or take them as proof; V10.2.2 is for clients of several providers.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V10.1.1 Tokens go only where they are needed</td>
<td>The browser gets none; the server forgets them when the person is known</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V10.1.2 An answer counts only in the browser and for the question that it belongs to</td>
<td><code>web/provider/provider.go</code>: state, nonce and PKCE of 32 random bytes each, kept in a sealed cookie of the browser (gorilla/securecookie)</td>
<td><code>TestAnAnswerThatIsNotToTheQuestion</code></td>
<td></td>
</tr>
<tr>
<td>V10.2.1 No answer is forced on a browser</td>
<td>State, PKCE and the binding, good for ten minutes and one run of the server; the code once, at the provider</td>
<td><code>TestAnAnswerThatIsNotToTheQuestion</code></td>
<td></td>
</tr>
<tr>
<td>V10.2.3 No more is asked for than is needed</td>
<td><code>openid</code>, <code>profile</code>, <code>email</code></td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V10.5.1 A token cannot be shown twice</td>
<td>The nonce</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.2 Who somebody is follows from what never changes</td>
<td>The issuer and the subject; never a name or e-mail (<code>dispatch/dispatchdb/identity.go</code>)</td>
<td><code>TestAnAccountIsJoinedByItsPersonAlone</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.3 A provider is what it was set to be</td>
<td>Its description must name the issuer that was set</td>
<td><code>TestAProviderThatIsNotThere</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.4 The token is for this client</td>
<td>The audience</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.5 Being signed out by the provider</td>
<td></td>
<td></td>
<td>Not spoken: a session lasts 12 hours at most, two without use; disabling the account ends it at once</td>
</tr>
</tbody></table></div>
<h3 id="v11-cryptography">V11 Cryptography</h3>
<p>The product encrypts nothing of its own beside TLS and derives no keys from passwords. Does not apply: V11.3.1 to V11.3.3,
V11.4.4.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V11.1.1 A policy for keys and their lives</td>
<td></td>
<td></td>
<td>None; TLS keys and the identities that open encrypted backups are the operator&#39;s files</td>
</tr>
<tr>
<td>V11.1.2 A list of all cryptography</td>
<td>This page names hashes and lifetimes</td>
<td>—</td>
<td>No list of keys and certificates that is kept up to date</td>
</tr>
<tr>
<td>V11.2.1 Known implementations</td>
<td>Go&#39;s library, <code>x/crypto</code> by <code>argon2id</code>, age for backups, go-oidc, gorilla/securecookie, webpush-go</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V11.2.2 Algorithms can be changed</td>
<td><code>web/auth.go</code>: a hash carries its parameters</td>
<td>—</td>
<td>Old hashes are not renewed at sign-in; SHA-256 of tokens and of plans is fixed</td>
</tr>
<tr>
<td>V11.2.3 128 bits of strength</td>
<td>SHA-256, 130-bit secrets; the certificate is the operator&#39;s</td>
<td>—</td>
<td>The strength of the operator&#39;s key is not looked at</td>
</tr>
<tr>
<td>V11.4.1 No broken hashes</td>
<td>SHA-256, SHA-512, argon2id</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V11.4.2 Passwords by a slow hash</td>
<td><code>web/auth.go</code> (argon2id, 64 MB, one pass)</td>
<td>—</td>
<td>Parallelism follows the machine that made the hash; the parameters are the library&#39;s defaults, not a decision of ours</td>
</tr>
<tr>
<td>V11.4.3 Hashes for integrity have 256 bits</td>
<td>Plans and files: SHA-256; downloads: SHA-512</td>
<td><code>TestFilesAreInTheLog</code></td>
<td></td>
</tr>
<tr>
<td>V11.5.1 What cannot be guessed has 128 random bits</td>
<td><code>crypto/rand.Text</code> in <code>web/auth.go</code>, <code>web/devices.go</code></td>
<td>—</td>
<td>The demonstration&#39;s shared password has 50 bits</td>
</tr>
<tr>
<td>V11.6.1 Sound keys and signatures</td>
<td>Go&#39;s TLS; notices by Web Push are signed by the server&#39;s own key pair, a webhook&#39;s by HMAC-SHA-256</td>
<td>By design</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v12-secure-communication">V12 Secure communication</h3>
<p>Does not apply: client certificates (V12.1.3), HTTP between services (V12.3.3, V12.3.4).</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V12.1.1 TLS 1.2 and 1.3 only</td>
<td>Go&#39;s default for HTTPS; <code>cmd/hemolift/settings.go</code> for devices</td>
<td><code>TestADeviceDoorWithTLS</code></td>
<td>No test tries an older version</td>
</tr>
<tr>
<td>V12.1.2 Good cipher suites</td>
<td>Go&#39;s defaults</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V12.2.1 TLS towards people, no way back to plain text</td>
<td><code>cmd/hemolift/settings.go</code></td>
<td><code>TestPlainTextStaysOnLoopback</code></td>
<td><code>-plain</code> leaves it to a proxy</td>
</tr>
<tr>
<td>V12.2.2 A publicly trusted certificate</td>
<td></td>
<td></td>
<td>The operator&#39;s; the product fetches none; <code>hemolift doctor</code> warns three weeks before it ends</td>
</tr>
<tr>
<td>V12.3.1 Everything inward and outward is encrypted</td>
<td>Device door: <code>cmd/hemolift/settings.go</code>; private database: a socket of this machine</td>
<td><code>TestADeviceDoorWithTLS</code>, <code>TestPlainTextStaysOnLoopback</code></td>
<td>A database elsewhere is asked as <code>DATABASE_URL</code> says; TLS is not required and the guide&#39;s example does not ask for it</td>
</tr>
<tr>
<td>V12.3.2 Certificates of others are checked</td>
<td>The database&#39;s, when <code>DATABASE_URL</code> has <code>sslmode=verify-full</code></td>
<td>—</td>
<td>Not the default, and not in the guide</td>
</tr>
</tbody></table></div>
<h3 id="v13-configuration">V13 Configuration</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V13.1.1 What it talks to is written down</td>
<td>This page, <a href="/help/operator">the operator</a></td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V13.2.1 Parts sign in to each other, not by lasting passwords</td>
<td>Devices: a secret each</td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td>The database&#39;s password does not change by itself; the private database trusts its socket; devices&#39; secrets never end</td>
</tr>
<tr>
<td>V13.2.2 With no more rights than needed</td>
<td><code>migrations/rights.go</code>, <code>0015_rights.sql</code></td>
<td><code>TestWhatTheServersRoleMayDo</code>, <code>TestWhatTheServersRoleIsRefused</code>, <code>TestConnectionsWaitForNothingForEver</code></td>
<td>The server holds the owner&#39;s address too; with <code>DATABASE_URL</code> alone it may be the owner, with a warning</td>
</tr>
<tr>
<td>V13.2.3 No default credentials between parts</td>
<td>Secrets are made, none is shipped</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V13.2.4 A list of what may be reached outside</td>
<td>The table of doors above: the database, and what <code>-oidc-issuer</code> and <code>-notify</code> name</td>
<td>By design</td>
<td>No rule for a firewall or service manager is shipped</td>
</tr>
<tr>
<td>V13.2.5 The same for the web server</td>
<td>The page is inside the program; one map file by a flag</td>
<td><code>TestThePageAndWhatItNeeds</code>, <code>TestTheOperatorsBasemap</code></td>
<td></td>
</tr>
<tr>
<td>V13.3.1 A place for secrets</td>
<td>None is in the source or the program</td>
<td>—</td>
<td>Environment variables and files; no vault, no reading from a file descriptor or credential store</td>
</tr>
<tr>
<td>V13.3.2 Few can read them</td>
<td>Hashes in the database; files that the program makes are its user&#39;s only</td>
<td>—</td>
<td>The rights of the operator&#39;s key file are not looked at; the server&#39;s role reads password hashes</td>
</tr>
<tr>
<td>V13.4.1 No source control in what is shipped</td>
<td>One binary, <code>make release</code></td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V13.4.2 No debug mode</td>
<td>No profiler or debug page is in the program</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V13.4.3 No lists of directories</td>
<td><code>web/static.go</code>: a directory gives the page</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V13.4.4 No TRACE</td>
<td><code>web/static.go</code>, routes by method</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V13.4.5 Metrics are not for everybody</td>
<td><code>web/server.go</code>: administrators</td>
<td><code>TestWhatOperatorsSee</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v14-data-protection">V14 Data protection</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V14.1.1 Sensitive data is named and ranked</td>
<td>This page names it</td>
<td>—</td>
<td>Not field by field, and no law is matched</td>
</tr>
<tr>
<td>V14.1.2 What each rank asks for</td>
<td></td>
<td></td>
<td>Not written; nor is how long data is kept</td>
</tr>
<tr>
<td>V14.2.1 No secrets in addresses</td>
<td>Tokens by header or cookie, passwords in bodies</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.2 No caches on the way</td>
<td><code>web/guards.go</code> (<code>no-store</code>)</td>
<td><code>TestAnswersAreNotKept</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.3 Nothing goes to third parties</td>
<td>Content security policy; fonts and map are in the program</td>
<td><code>TestThePageAndWhatItNeeds</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.4 Controls as the ranks ask</td>
<td></td>
<td></td>
<td>There are no ranks yet; nothing is encrypted at rest but backups where asked (<code>-encrypt-to</code>), nothing is deleted by age</td>
</tr>
<tr>
<td>V14.3.1 The browser forgets at sign-out</td>
<td>The page is loaded anew; what a hospital&#39;s page knew last is deleted (<code>web/ui/src/last.ts</code>)</td>
<td><code>TestThePageComesUpWithoutALine</code></td>
<td>A request that could not be sent stays in the browser&#39;s storage; no <code>Clear-Site-Data</code></td>
</tr>
<tr>
<td>V14.3.2 The browser keeps no answers</td>
<td><code>web/guards.go</code></td>
<td><code>TestAnswersAreNotKept</code></td>
<td></td>
</tr>
<tr>
<td>V14.3.3 Nothing sensitive in the browser&#39;s storage</td>
<td>Language, theme, shortcuts; the service worker keeps files of the page and no answers (<code>web/ui/src/sw.ts</code>)</td>
<td>—</td>
<td>A request that is not stored yet is kept there, with group, sex, age band and anti-D, so that it is not lost; so is what a hospital&#39;s page knew last, until its person signs out, so that it can be shown without a line</td>
</tr>
</tbody></table></div>
<h3 id="v15-secure-coding-and-architecture">V15 Secure coding and architecture</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V15.1.1 How soon a weak dependency is replaced</td>
<td></td>
<td></td>
<td>No times are promised</td>
</tr>
<tr>
<td>V15.1.2 A list of all parts</td>
<td><code>make release</code> (CycloneDX), <code>go.sum</code>, <code>package-lock.json</code></td>
<td><code>TestTheNoticesNameAllThatIsShipped</code></td>
<td></td>
</tr>
<tr>
<td>V15.1.3 What is costly, and how it is bounded, is written down</td>
<td>This page, <code>web/turns.go</code>, <code>telemetry/attempts</code></td>
<td>—</td>
<td>Planning, exported days and printed records are not listed by cost</td>
</tr>
<tr>
<td>V15.2.1 No part is older than promised</td>
<td><code>make audit</code> asks the databases</td>
<td>—</td>
<td>No promise yet, and it does not run by itself</td>
</tr>
<tr>
<td>V15.2.2 Costly work keeps nobody out</td>
<td><code>web/turns.go</code>, <code>telemetry/attempts</code> (two hashes at once), time-outs of the database</td>
<td><code>TestSoManyRequestsOfAnAccountAreWorkedOn</code>, <code>TestTheQueueIsBoundedAndLeft</code>, <code>TestConnectionsWaitForNothingForEver</code>, <code>TestSilentSocketsKeepNobodyOut</code></td>
<td></td>
</tr>
<tr>
<td>V15.2.3 Nothing that production does not need</td>
<td></td>
<td></td>
<td><code>demo</code>, the simulation and the tools are in the same program, though <code>serve</code> starts none of them</td>
</tr>
<tr>
<td>V15.3.1 Only the needed fields go out</td>
<td><code>web</code>: a view a resource; <code>web/apicheck</code> compares every answer in the tests</td>
<td><code>TestTheTableOfPermitsAgainstTheServer</code>, <code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.2 No following of redirects</td>
<td><code>web/notify</code> follows none</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V15.3.3 Only the meant fields come in</td>
<td><code>web/decode.go</code>: unknown fields are refused</td>
<td><code>TestDecodeNamesTheField</code>, <code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.4 The true address behind a proxy</td>
<td></td>
<td></td>
<td>The connection&#39;s own address is taken; behind a proxy that is the proxy&#39;s, for limits and log alike</td>
</tr>
<tr>
<td>V15.3.5 Types are strict</td>
<td>Go, <code>web/decode.go</code>, TypeScript</td>
<td><code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.6 No pollution of prototypes</td>
<td><code>web/ui/src</code>: typed; nothing merges foreign objects</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V15.3.7 Parameters given twice do no harm</td>
<td><code>web/decode.go</code>, <code>web/server.go</code> (<code>badParameter</code>)</td>
<td><code>TestDecodeNamesTheField</code></td>
<td>Repeated parameters of a query have no test</td>
</tr>
</tbody></table></div>
<h3 id="v16-security-logging-and-error-handling">V16 Security logging and error handling</h3>
<p>Two logs: the event log in the database, and the program&#39;s own on its error output.</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>Requirement</th>
<th>Where it is met</th>
<th>Test</th>
<th>Not yet: why</th>
</tr>
</thead>
<tbody><tr>
<td>V16.1.1 What is logged where, for how long</td>
<td></td>
<td></td>
<td>Not listed; the event log is never deleted, the program&#39;s log is the service manager&#39;s</td>
</tr>
<tr>
<td>V16.2.1 When, where, who, what</td>
<td><code>dispatch/dispatchdb/log.go</code>, <code>web/audit.go</code></td>
<td><code>TestTheAuditTellsTheWhole</code>, <code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V16.2.2 Clocks agree, times have their zone</td>
<td>Server clock in UTC, <code>cmd/hemolift/clock.go</code></td>
<td><code>TestTheMachinesClockSteps</code>, <code>TestTheClockNeverGoesBack</code>, <code>TestAStartBehindTheRecord</code></td>
<td></td>
</tr>
<tr>
<td>V16.2.3 Logs go only where it is written</td>
<td>The two above, and PostgreSQL&#39;s own file of a private database</td>
<td>By design</td>
<td></td>
</tr>
<tr>
<td>V16.2.4 Logs can be read by machines</td>
<td><code>slog</code> text, or JSON by <code>-log-json</code>; the API&#39;s events</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V16.2.5 No secrets in logs</td>
<td><code>telemetry/gateway/log.go</code>, <code>web/auth.go</code>: logins that do not exist are not kept</td>
<td><code>TestTheBrokersLogIsShortAndHoldsNoSecret</code>, <code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V16.3.1 Every sign-in, right or wrong</td>
<td><code>dispatch/dispatchdb/session.go</code></td>
<td><code>TestTheLogKeepsSessions</code></td>
<td>Tries that came too early and devices&#39; wrong secrets are counted in metrics only</td>
</tr>
<tr>
<td>V16.3.2 What was forbidden</td>
<td><code>web/audit.go</code>: once a minute of each, with how often</td>
<td><code>TestTheAuditTellsTheWhole</code></td>
<td></td>
</tr>
<tr>
<td>V16.3.3 Attempts to get round a rule</td>
<td>Counted: <code>hemolift_problems_total</code>, <code>hemolift_device_refused_total</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td>Refused input and requests over the share are not logged one by one</td>
</tr>
<tr>
<td>V16.3.4 Faults of ours and of controls</td>
<td><code>web/problem.go</code>, <code>web/guards.go</code></td>
<td><code>TestAHandlerThatPanicsIsAnsweredFor</code></td>
<td>Failed TLS handshakes at the people&#39;s door are not logged by default</td>
</tr>
<tr>
<td>V16.4.1 Log lines cannot be forged</td>
<td><code>slog</code> quotes; events are rows</td>
<td><code>TestTheBrokersLogIsShortAndHoldsNoSecret</code></td>
<td></td>
</tr>
<tr>
<td>V16.4.2 Logs cannot be changed, and few read them</td>
<td><code>migrations/rights.go</code>, triggers, <code>permit.go</code></td>
<td><code>TestWhatTheServersRoleMayDo</code>, <code>TestSchemaRefusesBrokenPromises</code>, <code>TestAHospitalPagesThroughItsEvents</code></td>
<td>The database&#39;s owner can; no chain of hashes yet</td>
</tr>
<tr>
<td>V16.4.3 Logs go to another system</td>
<td></td>
<td></td>
<td>Not by the product; the operator may collect the error output and the events by the API</td>
</tr>
<tr>
<td>V16.5.1 Faults tell nothing of the inside</td>
<td><code>web/problem.go</code>, <code>web/guards.go</code></td>
<td><code>TestInternalErrorsTellNothing</code>, <code>TestAHandlerThatPanicsIsAnsweredFor</code></td>
<td></td>
</tr>
<tr>
<td>V16.5.2 A missing part does not make it unsafe</td>
<td><code>dispatch/dispatchdb/connect.go</code>, <code>lease.go</code></td>
<td><code>TestADatabaseWithoutRoomIsNotReady</code>, <code>TestNotReadyWithoutTheDatabase</code>, <code>TestAServerWithoutItsPostgresEndsAndStartsAgain</code>, <code>TestOneServerOnARecord</code></td>
<td></td>
</tr>
<tr>
<td>V16.5.3 A fault never lets something through</td>
<td>Refused unless permitted; acknowledged only when stored</td>
<td><code>TestUnstoredIsNeitherAcknowledgedNorShown</code>, <code>TestARequestThatCannotBeWrittenIsRefusedForNow</code>, <code>TestWhoMayDoWhat</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v17-webrtc">V17 WebRTC</h3>
<p>Does not apply: there is none.</p>
`,sections:[{id:`security`,title:`Security`,text:`


This page is for whoever decides whether Hemolift may run at a site: first what is protected, from whom and how; then the
requirements of a known standard, with the test that holds each one, and what is not met yet.



`},{id:`threat-model`,title:`Threat model`,text:`


**What is worth protecting**, the gravest first:



1. *What flies.* A mission, a release, a return or a new route sent by the wrong hand can hurt people on the ground.
2. *The right blood.* Which unit is in which box, who checked it, how warm it was, and the verdict.
3. *The record.* Custody, verdicts, samples and the log of who did what must not change afterwards.
4. *Service.* A desk that does not answer delays blood.
5. *Secrets.* Passwords, session tokens, devices' secrets, the database's password, the TLS key.
6. *What is told about patients.* A request may state sex, age band and anti-D, never a name or a record number. Together
   with hospital and hour that can still point at a person.



**Who may attack.** Somebody on the network without an account; somebody who guesses or stole a password or a token; a person
with an account who does more than the role allows, or acts under a colleague's open session; a page that a signed-in person
visits; a drone or box that is broken, stolen or imitated; a dependency that turned bad; somebody with access to the machine.



**The doors.**



| door | who comes in | what holds |
|---|---|---|
| page and API (HTTP) | people by password and cookie, programs by password and token | TLS beyond loopback unless \`-plain\`; slowed guessing; own origin only; strict bodies; a share of requests and work for each account |
| a guest's link (HTTP) | whoever has it, without an account | 130 random bits, kept as a hash, in the address after \`#\`, which browsers do not send; one operation, one delivery, read only; it runs out, is revoked, is logged; two questions a second |
| an invitation's link (HTTP) | whoever has it, without an account | 130 random bits, kept as a hash, after \`#\`; it chooses the password of one account, once, within 48 hours; withdrawn, replaced or disabled it opens nothing; logged |
| enrolment of a device (HTTP) | whoever has its code | 50 random bits, kept as a hash, for one device, once, within an hour; slowed guessing; logged |
| live feed (WebSocket) | the same sessions | own origin; each viewer hears its own site's events; ends with its session |
| device door (MQTT) | drones and boxes, by a secret each | TLS beyond loopback unless \`-plain\`; own topics only, no last will, nothing retained; quotas; slowed guessing; a new secret cuts the old connection |
| policy and profiles (HTTP) | administrators and quality, with the password shown lately in a browser | read whole and checked before anything is written; another person of quality approves them, with the password each time, by the SHA-256 of what they saw; all versions are kept, and only added to |
| files given at the start | the operator | network, policy and profile files are checked before the server serves |
| the network's files (HTTP) | administrators of all sites, with the password shown lately in a browser | read whole and checked before anything is written; a preview; what is under way is not moved; each value logged as it was and is |
| database | the server | a role that owns nothing, or the same role as owner with a warning; one server on a record |
| outward | nobody, unless the operator says \`-oidc-issuer\` or \`-notify\` | the provider, at its own address. With \`-notify\` push services' and webhooks' addresses that users and administrators state: https only, no redirects, no address within a network but what \`-notify-inside\` names, looked at when the connection is made; 10 s and three tries each, 32 at once; nothing of the patient, the group, units or persons is sent. Once, on a machine without PostgreSQL, \`npm\` fetches one of a fixed version and SHA-512 |



**What holds inside.**



- One table says who may do what, on whose things ([permit.go](../dispatch/delivery/permit.go)). What it does not list is refused.
- A check of units needs another person than the one who allocated them, where the policy asks for a second person; the
  database then refuses the same person too. A scan that does not fit is refused.
- A drone answers with the hash of its plan before take-off is released.
- The server's role may add to the log, custody, verdicts, samples and files and change none of it
  ([rights.go](../migrations/rights.go)); triggers refuse changes of log and custody even to the owner.
- Times that a device, person or file states are evidence beside the server's own time, by which the record is ordered.
- An acknowledgement, to a person or a device, means that the database has committed.



**Sign-in, in numbers.** Passwords are kept as argon2id (64 MB, one pass), tokens and devices' secrets (130 random bits) as
SHA-256. A person's session ends after 12 hours, or 2 hours without a request; a program's token after 30 days. An account has
at most 100 sessions; the oldest end. After three wrong passwords for one account from one address each next try waits longer,
from 1 s up to 1 minute; after thirty from one address, up to 5 s. Nobody is locked out. One account may ask 50 times a second
(500 at once after a pause), large bodies and long work counting as several. Devices' quotas stand in [devices](devices.md).



**What remains.**



- A password alone opens every role, the administrator's and flight control's too, and a 30-day token with it.
- An administrator's token manages accounts without the password being shown again. Rights of the database let the server change
  roles and passwords, so that a server that was taken over could make itself an administrator; the log would tell.
- An invitation's link is as good as a password until it is used, for 48 hours: it goes by whatever way the administrator chooses.
- Behind a proxy with \`-plain\`, the cookie is not marked \`Secure\`, no HSTS is sent, and every person has the proxy's address: the
  log names that one, one person's wrong passwords make everybody wait, and a guesser can keep an account's owner waiting too.
- Rights of the database stop injected SQL, not code that runs in the server: it holds the owner's address, and a private
  PostgreSQL trusts whoever reaches its socket (its own user and root).
- The log can be added to but is not chained or copied elsewhere; whoever owns the database or the machine can change it.
- The key pair for push services and webhooks' secrets lie in the database as they are: whoever reads it can sign as the server.
- A guest's link works for whoever it is passed on to, until it runs out or is revoked. It tells where a drone with blood is.
- An unlocked screen acts as its person: only the end of a delivery at the ward asks for the password again.
- A stolen drone or box speaks for itself until an administrator renews its secret. What it reports in range is believed.
- The map's position of a drone is what the drone says; nothing else on the ground confirms it.
- Data at rest is not encrypted by the product, and neither is the archived log; backups are when \`-encrypt-to\` says so. Whoever
  reads them reads the record, with hashes of passwords and the keys that lie in it.



`},{id:`owasp-asvs-50-levels-1-and-2`,title:`OWASP ASVS 5.0, levels 1 and 2`,text:`


**No compliance is claimed.** Nobody independent has looked. The numbers are recalled and were compared once with a copy of the
English text of 5.0.0; check them against the standard before you rely on one. The words are ours. Level 3 is left out. A row
with an entry under *Not yet* is met in part, or not at all when nothing stands under *Where it is met*. "By design" means
that there is nothing to test; "—" under *Test* means that the code does it and no test of its own holds it.



`},{id:`v1-encoding-and-sanitization`,title:`V1 Encoding and sanitization`,text:"\n\n\nDoes not apply: LDAP, XPath, LaTeX, HTML from editors, users' SVG or Markdown, JNDI, memcache, mail, XML (V1.2.6 to V1.2.8,\nV1.3.1, V1.3.4, V1.3.5, V1.3.8, V1.3.9, V1.3.11, V1.5.1).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V1.1.1 Decode input once, before it is checked | `web/guards.go`, `web/decode.go` | `TestWhatIsNoTextIsRefusedWhereverItStands`, `TestDecodeNamesTheField` |  |\n| V1.1.2 Encode output last, where it is used | `encoding/json`, Svelte's text, `web/print` | `TestTheRecordPrintsWhateverItHolds` |  |\n| V1.2.1 Output encoding fits its place | `web/problem.go` (`reply`), Svelte | — |  |\n| V1.2.2 Addresses are built safely | `web/ui/src`: only paths of our own, with ids that the server made | — |  |\n| V1.2.3 JSON and script are built by encoders | `encoding/json`; the page builds no script | — |  |\n| V1.2.4 Queries take parameters | `dispatch/dispatchdb`, `telemetry/telemetrydb` (pgx); `make_day` in `0015_rights.sql` | `TestWhatTheServersRoleIsRefused` |  |\n| V1.2.5 No injection into commands of the system | `migrations/localpg`: programs are started without a shell, with no user's text | By design |  |\n| V1.2.9 Users' text does not become a regular expression | All expressions are constants | By design |  |\n| V1.3.2 No `eval` or the like | No `eval` in the page's source; the content security policy lets in WebAssembly (`wasm-unsafe-eval`, what reads labels from a camera) and no other | `TestThePageAndWhatItNeeds` |  |\n| V1.3.3 Text for a dangerous place is bounded first | `web/guards.go`, `telemetry/gateway/decode.go`, lengths in the rooms | `TestBadInputIsRefusedAndCounted` |  |\n| V1.3.6 The server calls no address that a user states | None without `-notify` (the provider of `-oidc-issuer` is the operator's); with it public https addresses alone, and the networks that the operator names (`web/notify`) | `TestNoticesReachAPhone` |  |\n| V1.3.7 No template from users' text | No templates | By design |  |\n| V1.3.10 No format string from users' text | Go; `go vet` looks for it | By design |  |\n| V1.4.1 Memory-safe strings and copies | Go, TypeScript | By design |  |\n| V1.4.2 Numbers cannot overflow unseen | `web/decode.go`, `telemetry/gateway/decode.go` | `TestBadInputIsRefusedAndCounted`, `FuzzDecode` |  |\n| V1.4.3 What is taken is given back | Go; `telemetry/listen`; leak tests | `TestSilentSocketsKeepNobodyOut`, `TestClosedConnectionsAreNotCounted` |  |\n| V1.5.2 Only expected types are read from outside | JSON into fixed types, `web/decode.go`, `telemetry/gateway/decode.go` | `TestDecodeNamesTheField`, `FuzzDecodeOrder` |  |\n\n\n\n"},{id:`v2-validation-and-business-logic`,title:`V2 Validation and business logic`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V2.1.1 The form of inputs is written down | `web/api.yaml`, [devices](devices.md) | By design |  |\n| V2.1.2 What must fit together is written down | Constraints in `migrations`, `dispatch/delivery`, `doc.go` of the packages | `TestSchemaRefusesBrokenPromises` |  |\n| V2.1.3 Limits are written down, of one user and of all | This page, [devices](devices.md), `web/turns.go` | — | The limits of a desk as a whole (open requests of a hospital, feeds, files a day) stand in the code only |\n| V2.2.1 Input is compared with what is expected | `web/decode.go`, rooms of `dispatch`, `telemetry/tracker.go` | `TestBadInputIsRefusedAndCounted`, `TestWhatMayBeAskedFor`, `TestTimesThatAreStatedAreBounded` |  |\n| V2.2.2 The server checks, whatever the page did | `dispatch`, and again the database | `TestBadInputIsRefusedAndCounted`, `TestSchemaRefusesBrokenPromises` |  |\n| V2.2.3 Combinations make sense | `dispatch/delivery`, constraints in `migrations` | `TestSchemaRefusesBrokenPromises`, `TestWhatMayBeAskedFor` |  |\n| V2.3.1 Steps follow in order, none is skipped | `dispatch/delivery` (one table of steps) | `TestWhatIsRefused`, `TestAStepIsRefusedByWhatIsWrongWithIt`, `TestFromAllocationToReceipt` |  |\n| V2.3.2 Limits of the business are kept | `dispatch`, `dispatch/dispatchdb` | `TestHowManyRequestsOfAHospitalAreOpen`, `TestSameKeySameRequest` |  |\n| V2.3.3 A change is whole or not at all | `dispatch/dispatchdb` (one transaction) | `TestARequestThatCannotBeWrittenIsRefusedForNow`, `TestNothingAcknowledgedIsLostByKill` |  |\n| V2.3.4 Nothing is given away twice | Row locks and exclusion constraints | `TestConcurrentAcceptsTakeEachThingOnce`, `TestTwoDronesOnePad` |  |\n| V2.4.1 Machines cannot ask without end | `web/turns.go`, `telemetry/gateway/quota.go`, `telemetry/listen` | `TestWhatOneAccountMayAskFor`, `TestAnAccountAtFullSpeed`, `TestABodyOfUnknownLength`, `TestADeviceOverItsQuota`, `TestWhateverADeviceSendsIsMetered` |  |\n\n\n\n"},{id:`v3-web-frontend`,title:`V3 Web frontend`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V3.2.1 Answers are not shown as something else | `web/guards.go` (`nosniff`, content security policy) | `TestThePageAndWhatItNeeds`, `TestEveryAnswerBindsBrowsers` |  |\n| V3.2.2 Text is shown as text | Svelte; no `innerHTML`, and `{@html}` for the guides alone, which are rendered when the page is built | — |  |\n| V3.3.1 Cookies are `Secure`, with a prefix in the name | `web/auth.go`: `Secure` when the server itself has TLS | `TestSigningInAnew` | The name has no `__Host-` or `__Secure-`; behind a proxy (`-plain`) the cookie is not `Secure` |\n| V3.3.2 `SameSite` fits | `web/auth.go` (`Strict`); the sealed cookie of a sign-in by a provider must come back from there: `Lax`, on its own path (`web/byprovider.go`) | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V3.3.3 `__Host-` in the cookie's name |  |  | The name is the same with and without TLS; it would have to differ |\n| V3.3.4 `HttpOnly`, and the token goes out by the cookie only | `web/auth.go`, `web/sessions.go` | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V3.4.1 HSTS for a year, with subdomains | `web/guards.go`: a year | `TestAnswersAreNotKept` | Without subdomains, since the server cannot know them; none behind a proxy |\n| V3.4.2 Other origins are allowed by a fixed list | No CORS header is ever sent | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.3 A content security policy | `web/guards.go`: `default-src 'none'`, which covers objects, and `base-uri 'none'` | `TestThePageAndWhatItNeeds`, `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.4 `nosniff` on every answer | `web/guards.go` | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.5 A referrer policy | `web/guards.go` (`no-referrer`) | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.6 No embedding in foreign pages | `web/guards.go` (`frame-ancestors 'none'`) | `TestEveryAnswerBindsBrowsers` |  |\n| V3.5.1 Requests come from the own page | `web/server.go` (Go's cross-origin protection) | `TestAnotherOriginIsRefused`, `TestBadInputIsRefusedAndCounted` |  |\n| V3.5.2 Nothing that needs a preflight works without one | As above, and the body's type must be JSON, or CSV for a logger's file or a supplier's list | `TestAnotherOriginIsRefused`, `TestDecodeNamesTheField` |  |\n| V3.5.3 What changes something is no GET | `web/api.yaml` | — |  |\n| V3.5.4 One application a host name |  |  | The operator's choice; the guide does not say it |\n| V3.5.5 Foreign messages to the page are dropped | The page takes no messages of other windows; its own tabs tell each other of a sign-out (`BroadcastChannel`, own origin alone) | By design |  |\n| V3.7.1 No dead browser technology | `web/ui` | By design |  |\n| V3.7.2 No redirect to foreign hosts | To the identity provider that the operator named, and to no other host | By design |  |\n\n\n\n"},{id:`v4-api-and-web-service`,title:`V4 API and web service`,text:"\n\n\nDoes not apply: GraphQL (V4.3), a token for the feed beside the session (V4.4.3, V4.4.4).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V4.1.1 The content type is right, with its character set | `web/problem.go`, `web/coldchain.go`; every answer in the tests is compared with `api.yaml` | `TestTheServerAsksTheTableOfPermits`, `TestTheColdChainOfADeliveryIsRead` | The SVG curve names no character set |\n| V4.1.2 The API does not redirect from HTTP to HTTPS | There is no plain port beside the encrypted one | By design |  |\n| V4.1.3 A proxy's headers cannot be forged | `web/caller.go`: none is read | By design |  |\n| V4.2.1 The borders of messages are sure | Go's `net/http`; a proxy is the operator's | By design |  |\n| V4.4.1 WebSocket over TLS | Same door as HTTPS; plain text beyond loopback is refused | `TestPlainTextStaysOnLoopback` | `-plain` leaves it to a proxy |\n| V4.4.2 The feed's origin is looked at | `web/live/viewer.go` (own host only) | `TestTheFeedIsForTheOwnPage` |  |\n\n\n\n"},{id:`v5-file-handling`,title:`V5 File handling`,text:"\n\n\nThe one upload is a temperature logger's CSV file. No upload is served to others, unpacked, run, or stored under a user's name.\nDoes not apply: archives, public folders, scanning for others' downloads (V5.2.3, V5.3.1, V5.4.3).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V5.1.1 Which files, how large, is written down | `web/api.yaml`, [quality](quality.md) | — | The sizes (a logger's file 8 MB, a supplier's list 2 MB, a network's files 16 MB, a document 256 kB) stand in the code only |\n| V5.2.1 Files are small enough | `web/coldchain.go`, `web/units.go`, `web/networkfiles.go`, `web/documents.go`, `telemetry/coldchain/readings/read.go` | `TestALoggersFileIsComparedWithWhatWasHeard`, `TestWhatIsRefused` |  |\n| V5.2.2 The content is what it says | `telemetry/coldchain/readings/read.go`, `dispatch/intake`, `dispatch/network`, `dispatch/document` reads every line | `TestNoLineThatIsLostFlatters`, `FuzzRead` |  |\n| V5.3.2 No path from users' text | Files go into the database; paths are the operator's flags | By design |  |\n| V5.4.1 A download has a name of ours | `web/coldchain.go`, `web/zones.go`: the delivery's id or a fixed name, and a fixed ending | — |  |\n| V5.4.2 That name is encoded | `web/coldchain.go`: quoted; only ids that exist get so far | — |  |\n\n\n\n"},{id:`v6-authentication`,title:`V6 Authentication`,text:"\n\n\nDoes not apply: one-time codes, telephone, push (V6.5, V6.6), SAML (V6.8.3), the loss of a second factor (V6.4.4).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V6.1.1 How guessing is held off is written down | This page, `telemetry/attempts` | `TestWrongAttemptsWaitLongerAndLonger` |  |\n| V6.1.2 A list of words that no password may be | `web/password.go`: the account's own names, the product | `TestAPersonIsInvited` | A site cannot add words |\n| V6.1.3 All ways in are written down | This page: password to cookie, password to token, a passkey or an identity provider to cookie, a guest's, an invitation's and a device's link or code, a device's secret | `TestATokenIsForPrograms` |  |\n| V6.2.1 Passwords have 8 characters or more | `web/password.go`: 12 | `TestAPersonIsInvited` |  |\n| V6.2.2 People can change their password | `web/accounts.go`, `web/ui/src/parts/ChangePassword.svelte` | `TestAPasswordIsChanged` |  |\n| V6.2.3 The old password is needed for it | `web/accounts.go` | `TestAPasswordIsChanged` |  |\n| V6.2.4 The commonest passwords are refused | `web/password.go` (zxcvbn, whose lists hold more than 30,000) | `TestAPersonIsInvited` |  |\n| V6.2.5 Any character may be used | `web/password.go`: no rule of kinds | By design |  |\n| V6.2.6 The field hides what is typed | `web/ui/src/SignIn.svelte` | — |  |\n| V6.2.7 Pasting and password managers work | `web/ui/src/SignIn.svelte` (`autocomplete`) | — |  |\n| V6.2.8 The password is compared as typed | `web/auth.go`: neither cut nor changed | — |  |\n| V6.2.9 64 characters are allowed | `web/password.go`: 128 | `TestAPersonIsInvited` |  |\n| V6.2.10 No change by the calendar | There is none | By design |  |\n| V6.2.11 The list of words is used | `web/password.go` | `TestAPersonIsInvited` |  |\n| V6.2.12 Breached passwords are refused |  |  | No check yet; it needs a list that a site without internet can hold |\n| V6.3.1 Guessing is held off | `telemetry/attempts`, `web/auth.go`, `telemetry/gateway/judge.go` | `TestGuessingIsSlowed`, `TestAnAddressThatTriesManyAccountsIsSlowed`, `TestManyAtOnceAreCountedBeforeTheyAreMade`, `TestGuessesOfADevicesSecret` | Behind a proxy all people are one address |\n| V6.3.2 No default accounts | `cmd/hemolift/serve.go`: `admin` has no password until its person chooses one; another administrator can disable it | `TestAnAdministratorInvitesPeople` | The first name is fixed |\n| V6.3.3 A second factor | `web/passkey`: a passkey is a device and what unlocks it, which is asked for | `TestAPasskeyThatLies`, `TestPeopleSignInByAPasskey` | By each person's choice: no role must have one |\n| V6.3.4 Every way in is equally strong | `web/auth.go`: cookie and token ask the same | `TestWhoIsNotLetIn` | A token lives for 30 days on the same single password |\n| V6.4.1 First passwords are random, short-lived and not kept | There are none: an invitation is random, ends after 48 hours, and is kept as a hash (`dispatch/dispatchdb/invitation.go`) | `TestAnInvitationIsForOnce` |  |\n| V6.4.2 No hints or secret questions | There are none | By design |  |\n| V6.4.3 A lost password can be set anew, safely | By an invitation, as at first | `TestAnAdministratorInvitesPeople` | Who asks for one is for the administrator to know |\n| V6.8.1 One provider's person cannot pass for another's | An account is found by issuer and subject together | `TestAnAccountIsJoinedByItsPersonAlone` |  |\n| V6.8.2 What a provider signs is checked | V9 | `TestAProviderThatLies` |  |\n| V6.8.4 How strongly somebody signed in there | Who signs or gives rights is asked by the provider again, and `auth_time` is held against it (`web/provider/provider.go`) | `TestAProviderAsksAPersonAgain`, `TestASignatureByTheProvider` | By which means is not looked at (`acr`, `amr`): it is the provider's to ask for |\n\n\n\n"},{id:`v7-session-management`,title:`V7 Session management`,text:"\n\n\nDoes not apply: federated sessions (V7.1.3, V7.6).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V7.1.1 Lifetimes are written down, with reasons | This page | — | Reasons are not given; 30 days of a token without an idle limit are long |\n| V7.1.2 How many sessions, and what then | This page, `dispatch/dispatchdb/session.go` | — | No test of the hundred |\n| V7.2.1 The server checks each token | `web/caller.go`, `dispatch/dispatchdb/session.go` | `TestTheServerAsksTheTableOfPermits` |  |\n| V7.2.2 Tokens are made for a session | `web/auth.go` | `TestAPasswordOpensASessionThatSigningOutEnds`, `TestATokenIsForPrograms` |  |\n| V7.2.3 128 random bits at least | `web/auth.go`: Go's `crypto/rand.Text`, 130 bits; only the hash is kept | By design |  |\n| V7.2.4 Signing in gives a new token and ends the old one | `web/sessions.go`: a new one, and the one that the browser had ends | `TestSigningInAnew` |  |\n| V7.3.1 An idle session ends | `web/auth.go`: 2 hours | `TestSessionsEnd` | An open page keeps asking, so that it is idle only when closed; tokens have no idle limit |\n| V7.3.2 Every session ends | `web/auth.go`: 12 hours, 30 days | `TestSessionsEnd` |  |\n| V7.4.1 An ended session is of no use | Row deleted; the feed ends with it (`web/live/viewer.go`) | `TestAPasswordOpensASessionThatSigningOutEnds`, `TestSessionsOfOnesOwn` |  |\n| V7.4.2 Disabling an account ends its sessions | `dispatch/dispatchdb/account.go` | `TestADisabledAccountEndsAtOnce` |  |\n| V7.4.3 A new password can end the other sessions | It does (`dispatch/dispatchdb/account.go`) | `TestAPasswordIsChanged` |  |\n| V7.4.4 Signing out is easy to find | `web/ui/src/parts/Header.svelte` | — |  |\n| V7.4.5 Administrators can end others' sessions | By disabling the account | `TestADisabledAccountEndsAtOnce` | Not one by one |\n| V7.5.1 Changing what signs one in asks for the password | `web/accounts.go` | `TestAPasswordIsChanged`, `TestAccountsAreManagedByWhoShowsThePassword` | An administrator's token asks for nothing more |\n| V7.5.2 People see and end their sessions, after the password again | `web/sessions.go`, `web/ui/src/parts/Sessions.svelte` | `TestSessionsOfOnesOwn` | Ending one does not ask for the password |\n\n\n\n"},{id:`v8-authorization`,title:`V8 Authorization`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V8.1.1 Who may do what on whose things is written down | `dispatch/delivery/permit.go` | `TestEveryOperationOfTheAPIHasARowOfPermits` |  |\n| V8.1.2 The same of single fields | `permit.go`: rows with a slash, as `getEvents/audit`, `getBoard/plans` | `TestWhoMayDoWhat` | What other fields each role may write stands in the handlers |\n| V8.2.1 Operations need a permit | `web/handlers.go`, `permit.go`; what is not listed is refused | `TestTheServerAsksTheTableOfPermits`, `TestTheTableOfPermitsAgainstTheServer`, `TestWhoMayDoWhat` |  |\n| V8.2.2 So does each thing | `permit.go` (own site or all), asked in `dispatch` | `TestPermitsAreOfSites`, `TestNobodyWithoutASiteHasAll`, `TestWhoOrderedItAgainstTheServer` |  |\n| V8.2.3 So do single fields | `web/board.go`, `permit.go` | `TestTheLogKeepsSessions`, `TestWhatOperatorsSee` |  |\n| V8.3.1 The server decides | `web`, `dispatch`; the page only hides what is refused | `TestTheTableOfPermitsAgainstTheServer` |  |\n| V8.4.1 One hospital cannot touch another | Sites in `permit.go`; events by site | `TestAHospitalsFeed`, `TestAHospitalPagesThroughItsEvents`, `TestTheTableOfPermitsAgainstTheServer` |  |\n\n\n\n"},{id:`v9-self-contained-tokens`,title:`V9 Self-contained tokens`,text:"\n\n\nThe product's own tokens are random and mean nothing by themselves. An identity provider's token is read once, when somebody signs in by it.\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V9.1.1 Its signature is checked before it is believed | `web/provider/provider.go` (go-oidc) | `TestAProviderThatLies` |  |\n| V9.1.2 Only listed algorithms, never none | go-oidc: those that the provider names, of signatures by key pairs | `TestAProviderThatLies` |  |\n| V9.1.3 Keys come from a source that was set before | The issuer's address is a flag; its keys come from there alone, and no redirect leads elsewhere (`web/provider/bounded.go`) | `TestAProviderThatLies` |  |\n| V9.2.1 Its time is checked | `web/provider/provider.go` | `TestAProviderThatLies` |  |\n| V9.2.3 It is for this server | `web/provider/provider.go`: the audience | `TestAProviderThatLies` |  |\n\n\n\n"},{id:`v10-oauth-and-oidc`,title:`V10 OAuth and OIDC`,text:"\n\n\nThe product is a client of one identity provider, where the operator names one (`web/provider`). Does not apply: V10.3, V10.4, V10.6 and V10.7 are for\nthose who give tokens, or take them as proof; V10.2.2 is for clients of several providers.\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V10.1.1 Tokens go only where they are needed | The browser gets none; the server forgets them when the person is known | By design |  |\n| V10.1.2 An answer counts only in the browser and for the question that it belongs to | `web/provider/provider.go`: state, nonce and PKCE of 32 random bytes each, kept in a sealed cookie of the browser (gorilla/securecookie) | `TestAnAnswerThatIsNotToTheQuestion` |  |\n| V10.2.1 No answer is forced on a browser | State, PKCE and the binding, good for ten minutes and one run of the server; the code once, at the provider | `TestAnAnswerThatIsNotToTheQuestion` |  |\n| V10.2.3 No more is asked for than is needed | `openid`, `profile`, `email` | By design |  |\n| V10.5.1 A token cannot be shown twice | The nonce | `TestAProviderThatLies` |  |\n| V10.5.2 Who somebody is follows from what never changes | The issuer and the subject; never a name or e-mail (`dispatch/dispatchdb/identity.go`) | `TestAnAccountIsJoinedByItsPersonAlone` |  |\n| V10.5.3 A provider is what it was set to be | Its description must name the issuer that was set | `TestAProviderThatIsNotThere` |  |\n| V10.5.4 The token is for this client | The audience | `TestAProviderThatLies` |  |\n| V10.5.5 Being signed out by the provider |  |  | Not spoken: a session lasts 12 hours at most, two without use; disabling the account ends it at once |\n\n\n\n"},{id:`v11-cryptography`,title:`V11 Cryptography`,text:`


The product encrypts nothing of its own beside TLS and derives no keys from passwords. Does not apply: V11.3.1 to V11.3.3,
V11.4.4.



| Requirement | Where it is met | Test | Not yet: why |
|---|---|---|---|
| V11.1.1 A policy for keys and their lives |  |  | None; TLS keys and the identities that open encrypted backups are the operator's files |
| V11.1.2 A list of all cryptography | This page names hashes and lifetimes | — | No list of keys and certificates that is kept up to date |
| V11.2.1 Known implementations | Go's library, \`x/crypto\` by \`argon2id\`, age for backups, go-oidc, gorilla/securecookie, webpush-go | By design |  |
| V11.2.2 Algorithms can be changed | \`web/auth.go\`: a hash carries its parameters | — | Old hashes are not renewed at sign-in; SHA-256 of tokens and of plans is fixed |
| V11.2.3 128 bits of strength | SHA-256, 130-bit secrets; the certificate is the operator's | — | The strength of the operator's key is not looked at |
| V11.4.1 No broken hashes | SHA-256, SHA-512, argon2id | By design |  |
| V11.4.2 Passwords by a slow hash | \`web/auth.go\` (argon2id, 64 MB, one pass) | — | Parallelism follows the machine that made the hash; the parameters are the library's defaults, not a decision of ours |
| V11.4.3 Hashes for integrity have 256 bits | Plans and files: SHA-256; downloads: SHA-512 | \`TestFilesAreInTheLog\` |  |
| V11.5.1 What cannot be guessed has 128 random bits | \`crypto/rand.Text\` in \`web/auth.go\`, \`web/devices.go\` | — | The demonstration's shared password has 50 bits |
| V11.6.1 Sound keys and signatures | Go's TLS; notices by Web Push are signed by the server's own key pair, a webhook's by HMAC-SHA-256 | By design |  |



`},{id:`v12-secure-communication`,title:`V12 Secure communication`,text:"\n\n\nDoes not apply: client certificates (V12.1.3), HTTP between services (V12.3.3, V12.3.4).\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V12.1.1 TLS 1.2 and 1.3 only | Go's default for HTTPS; `cmd/hemolift/settings.go` for devices | `TestADeviceDoorWithTLS` | No test tries an older version |\n| V12.1.2 Good cipher suites | Go's defaults | By design |  |\n| V12.2.1 TLS towards people, no way back to plain text | `cmd/hemolift/settings.go` | `TestPlainTextStaysOnLoopback` | `-plain` leaves it to a proxy |\n| V12.2.2 A publicly trusted certificate |  |  | The operator's; the product fetches none; `hemolift doctor` warns three weeks before it ends |\n| V12.3.1 Everything inward and outward is encrypted | Device door: `cmd/hemolift/settings.go`; private database: a socket of this machine | `TestADeviceDoorWithTLS`, `TestPlainTextStaysOnLoopback` | A database elsewhere is asked as `DATABASE_URL` says; TLS is not required and the guide's example does not ask for it |\n| V12.3.2 Certificates of others are checked | The database's, when `DATABASE_URL` has `sslmode=verify-full` | — | Not the default, and not in the guide |\n\n\n\n"},{id:`v13-configuration`,title:`V13 Configuration`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V13.1.1 What it talks to is written down | This page, [the operator](operator.md) | By design |  |\n| V13.2.1 Parts sign in to each other, not by lasting passwords | Devices: a secret each | `TestBadInputIsRefusedAndCounted` | The database's password does not change by itself; the private database trusts its socket; devices' secrets never end |\n| V13.2.2 With no more rights than needed | `migrations/rights.go`, `0015_rights.sql` | `TestWhatTheServersRoleMayDo`, `TestWhatTheServersRoleIsRefused`, `TestConnectionsWaitForNothingForEver` | The server holds the owner's address too; with `DATABASE_URL` alone it may be the owner, with a warning |\n| V13.2.3 No default credentials between parts | Secrets are made, none is shipped | By design |  |\n| V13.2.4 A list of what may be reached outside | The table of doors above: the database, and what `-oidc-issuer` and `-notify` name | By design | No rule for a firewall or service manager is shipped |\n| V13.2.5 The same for the web server | The page is inside the program; one map file by a flag | `TestThePageAndWhatItNeeds`, `TestTheOperatorsBasemap` |  |\n| V13.3.1 A place for secrets | None is in the source or the program | — | Environment variables and files; no vault, no reading from a file descriptor or credential store |\n| V13.3.2 Few can read them | Hashes in the database; files that the program makes are its user's only | — | The rights of the operator's key file are not looked at; the server's role reads password hashes |\n| V13.4.1 No source control in what is shipped | One binary, `make release` | By design |  |\n| V13.4.2 No debug mode | No profiler or debug page is in the program | By design |  |\n| V13.4.3 No lists of directories | `web/static.go`: a directory gives the page | — |  |\n| V13.4.4 No TRACE | `web/static.go`, routes by method | — |  |\n| V13.4.5 Metrics are not for everybody | `web/server.go`: administrators | `TestWhatOperatorsSee` |  |\n\n\n\n"},{id:`v14-data-protection`,title:`V14 Data protection`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V14.1.1 Sensitive data is named and ranked | This page names it | — | Not field by field, and no law is matched |\n| V14.1.2 What each rank asks for |  |  | Not written; nor is how long data is kept |\n| V14.2.1 No secrets in addresses | Tokens by header or cookie, passwords in bodies | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V14.2.2 No caches on the way | `web/guards.go` (`no-store`) | `TestAnswersAreNotKept` |  |\n| V14.2.3 Nothing goes to third parties | Content security policy; fonts and map are in the program | `TestThePageAndWhatItNeeds` |  |\n| V14.2.4 Controls as the ranks ask |  |  | There are no ranks yet; nothing is encrypted at rest but backups where asked (`-encrypt-to`), nothing is deleted by age |\n| V14.3.1 The browser forgets at sign-out | The page is loaded anew; what a hospital's page knew last is deleted (`web/ui/src/last.ts`) | `TestThePageComesUpWithoutALine` | A request that could not be sent stays in the browser's storage; no `Clear-Site-Data` |\n| V14.3.2 The browser keeps no answers | `web/guards.go` | `TestAnswersAreNotKept` |  |\n| V14.3.3 Nothing sensitive in the browser's storage | Language, theme, shortcuts; the service worker keeps files of the page and no answers (`web/ui/src/sw.ts`) | — | A request that is not stored yet is kept there, with group, sex, age band and anti-D, so that it is not lost; so is what a hospital's page knew last, until its person signs out, so that it can be shown without a line |\n\n\n\n"},{id:`v15-secure-coding-and-architecture`,title:`V15 Secure coding and architecture`,text:"\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V15.1.1 How soon a weak dependency is replaced |  |  | No times are promised |\n| V15.1.2 A list of all parts | `make release` (CycloneDX), `go.sum`, `package-lock.json` | `TestTheNoticesNameAllThatIsShipped` |  |\n| V15.1.3 What is costly, and how it is bounded, is written down | This page, `web/turns.go`, `telemetry/attempts` | — | Planning, exported days and printed records are not listed by cost |\n| V15.2.1 No part is older than promised | `make audit` asks the databases | — | No promise yet, and it does not run by itself |\n| V15.2.2 Costly work keeps nobody out | `web/turns.go`, `telemetry/attempts` (two hashes at once), time-outs of the database | `TestSoManyRequestsOfAnAccountAreWorkedOn`, `TestTheQueueIsBoundedAndLeft`, `TestConnectionsWaitForNothingForEver`, `TestSilentSocketsKeepNobodyOut` |  |\n| V15.2.3 Nothing that production does not need |  |  | `demo`, the simulation and the tools are in the same program, though `serve` starts none of them |\n| V15.3.1 Only the needed fields go out | `web`: a view a resource; `web/apicheck` compares every answer in the tests | `TestTheTableOfPermitsAgainstTheServer`, `TestTheLogKeepsSessions` |  |\n| V15.3.2 No following of redirects | `web/notify` follows none | — |  |\n| V15.3.3 Only the meant fields come in | `web/decode.go`: unknown fields are refused | `TestDecodeNamesTheField`, `TestBadInputIsRefusedAndCounted` |  |\n| V15.3.4 The true address behind a proxy |  |  | The connection's own address is taken; behind a proxy that is the proxy's, for limits and log alike |\n| V15.3.5 Types are strict | Go, `web/decode.go`, TypeScript | `TestDecodeNamesTheField` |  |\n| V15.3.6 No pollution of prototypes | `web/ui/src`: typed; nothing merges foreign objects | — |  |\n| V15.3.7 Parameters given twice do no harm | `web/decode.go`, `web/server.go` (`badParameter`) | `TestDecodeNamesTheField` | Repeated parameters of a query have no test |\n\n\n\n"},{id:`v16-security-logging-and-error-handling`,title:`V16 Security logging and error handling`,text:"\n\n\nTwo logs: the event log in the database, and the program's own on its error output.\n\n\n\n| Requirement | Where it is met | Test | Not yet: why |\n|---|---|---|---|\n| V16.1.1 What is logged where, for how long |  |  | Not listed; the event log is never deleted, the program's log is the service manager's |\n| V16.2.1 When, where, who, what | `dispatch/dispatchdb/log.go`, `web/audit.go` | `TestTheAuditTellsTheWhole`, `TestTheLogKeepsSessions` |  |\n| V16.2.2 Clocks agree, times have their zone | Server clock in UTC, `cmd/hemolift/clock.go` | `TestTheMachinesClockSteps`, `TestTheClockNeverGoesBack`, `TestAStartBehindTheRecord` |  |\n| V16.2.3 Logs go only where it is written | The two above, and PostgreSQL's own file of a private database | By design |  |\n| V16.2.4 Logs can be read by machines | `slog` text, or JSON by `-log-json`; the API's events | — |  |\n| V16.2.5 No secrets in logs | `telemetry/gateway/log.go`, `web/auth.go`: logins that do not exist are not kept | `TestTheBrokersLogIsShortAndHoldsNoSecret`, `TestTheLogKeepsSessions` |  |\n| V16.3.1 Every sign-in, right or wrong | `dispatch/dispatchdb/session.go` | `TestTheLogKeepsSessions` | Tries that came too early and devices' wrong secrets are counted in metrics only |\n| V16.3.2 What was forbidden | `web/audit.go`: once a minute of each, with how often | `TestTheAuditTellsTheWhole` |  |\n| V16.3.3 Attempts to get round a rule | Counted: `hemolift_problems_total`, `hemolift_device_refused_total` | `TestBadInputIsRefusedAndCounted` | Refused input and requests over the share are not logged one by one |\n| V16.3.4 Faults of ours and of controls | `web/problem.go`, `web/guards.go` | `TestAHandlerThatPanicsIsAnsweredFor` | Failed TLS handshakes at the people's door are not logged by default |\n| V16.4.1 Log lines cannot be forged | `slog` quotes; events are rows | `TestTheBrokersLogIsShortAndHoldsNoSecret` |  |\n| V16.4.2 Logs cannot be changed, and few read them | `migrations/rights.go`, triggers, `permit.go` | `TestWhatTheServersRoleMayDo`, `TestSchemaRefusesBrokenPromises`, `TestAHospitalPagesThroughItsEvents` | The database's owner can; no chain of hashes yet |\n| V16.4.3 Logs go to another system |  |  | Not by the product; the operator may collect the error output and the events by the API |\n| V16.5.1 Faults tell nothing of the inside | `web/problem.go`, `web/guards.go` | `TestInternalErrorsTellNothing`, `TestAHandlerThatPanicsIsAnsweredFor` |  |\n| V16.5.2 A missing part does not make it unsafe | `dispatch/dispatchdb/connect.go`, `lease.go` | `TestADatabaseWithoutRoomIsNotReady`, `TestNotReadyWithoutTheDatabase`, `TestAServerWithoutItsPostgresEndsAndStartsAgain`, `TestOneServerOnARecord` |  |\n| V16.5.3 A fault never lets something through | Refused unless permitted; acknowledged only when stored | `TestUnstoredIsNeitherAcknowledgedNorShown`, `TestARequestThatCannotBeWrittenIsRefusedForNow`, `TestWhoMayDoWhat` |  |\n\n\n\n"},{id:`v17-webrtc`,title:`V17 WebRTC`,text:`


Does not apply: there is none.

`}]}].map(e=>({...e,html:e.html.replace(/data-picture="(\d+)"/g,(e,t)=>`src="${i[t]}"`)}));export{a as default};