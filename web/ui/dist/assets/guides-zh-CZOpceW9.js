import{i as e,n as t,r as n,t as r}from"./quality-Dgk1QbIZ.js";var i=[e,n,t,r],a=[{name:`first-day`,title:`第一天：从空机器到第一张签收单`,html:`<h1 id="第一天从空机器到第一张签收单">第一天：从空机器到第一张签收单</h1>
<p>写给为血站安装系统的技术员。您需要一台 Linux 机器，装有 PostgreSQL 15 或更新版本（Debian：<code>apt install postgresql</code>），或装有 npm（由它获取）；<code>hemolift</code> 程序（一个文件，复制到 <code>/usr/local/bin</code>）和浏览器；飞机参数和箱子的验证数据；每架无人机、每只箱子旁边有人能输入十个字符。各部分的解释见
<a href="/help/operator">运维</a>，这里是次序。页面显示北京时间（UTC+8）；API、日志和记录的曲线用 UTC。</p>
<ol>
<li><p><strong>启动。</strong> 用单独的用户（不要用 root），给记录一个目录，另一块盘上给备份一个目录。先以 root 执行一次：</p>
<pre tabindex="0"><code>useradd --system --home-dir /var/lib/hemolift hemolift
install -d -o hemolift -m 700 /var/lib/hemolift /backup /backup/log
</code></pre>
<p>然后手工启动如下，或使用 systemd 单元（<code>docs/deploy</code>，目录相同）：</p>
<pre tabindex="0"><code>sudo -u hemolift hemolift doctor -data /var/lib/hemolift/server -archive /backup/log     # 这台机器缺什么
sudo -u hemolift hemolift serve  -data /var/lib/hemolift/server -archive /backup/log -addr 127.0.0.1:8080
</code></pre>
<p>它在那里建立一个私有 PostgreSQL，并打印一个链接。（要让其他机器访问，须有证书：<code>-addr 0.0.0.0:8443 -tls-cert … -tls-key …</code>。）</p>
</li>
<li><p><strong>您是管理员。</strong> 打开链接，设置密码。</p>
</li>
<li><p><strong>网络。</strong> <em>管理 · 网络</em>。从左到右填写各表；每个字段写明单位并有示例。应用之前一切都不生效。</p>
<ul>
<li><em>站点</em>：您的血站和一家医院。输入停机坪坐标并说明其基准：中国大陆公开的地图用 GCJ‑02，相差数百米；也可在地图上点出（得到 WGS 84）。自带的地图只有区界和河流：要点到楼顶，请用自己的街道图启动（<code>-basemap</code>）。新站点会有常规的停机坪。请填写血站的
<em>海拔</em>：航班的高度以它为准显示。</li>
<li><em>机型</em>：厂家的参数。<em>箱型</em>：验证报告中的数据，以及验证所对应的温度要求。</li>
<li><em>无人机</em> 和 <em>箱子</em>：各有编号，与其上所写一致。</li>
<li><em>禁飞区</em>：导入主管部门的文件，按格式命名为 <code>zones.geojson</code>、<code>zones.ed269.json</code> 或 <code>zones.ed318.json</code>。没有禁飞区即空表：页面从空表开始，并有样例。GeoJSON 中每个区是一个多边形，属性有
<code>id</code>、<code>name_zh</code>、<code>name_en</code>、<code>type</code>（<code>PROHIBITED</code>、<code>REQ_AUTHORIZATION</code> 或 <code>CONDITIONAL</code>）、<code>lower_m</code>、<code>upper_m</code> 和 <code>reference</code>（<code>AGL</code> 离地高度或 <code>AMSL</code> 海拔高度）。</li>
<li><em>查看更改</em> 写明哪一行哪个字段有错，或将会改变什么。写明原因后应用，无需重启。</li>
</ul>
</li>
<li><p><strong>人员。</strong> <em>管理 · 人员</em>：逐个添加，给出角色和站点，并把各自的链接交给本人。第一条航线需要：医院的 <code>requester</code> 和 <code>receiver</code>（或一个 <code>hospital</code>）、血站两人（一名 <code>dispatcher</code>，另一名复核者：<code>issuer</code> 或
<code>dispatcher</code>）、一名 <code>controller</code> 和一名 <code>quality</code>，后两者属全部站点。</p>
</li>
<li><p><strong>设备。</strong> <em>管理 · 设备</em>：按 <em>注册码</em>，一小时内在无人机或箱子上输入。设备要做什么见 <a href="/help/devices">设备</a>；<em>最近联系</em> 表明它已接入。</p>
</li>
<li><p><strong>库存。</strong> 调度员在 <em>库存</em>：供应方 CSV 用 <em>按清单入库</em>（页面有样例），手中的血袋用 <em>扫码入库</em>。</p>
</li>
<li><p><strong>第一次配送。</strong> 医院申请（<a href="/help/hospital">医院</a>）；调度员分配，另一人复核，装箱、加封、装机（<a href="/help/dispatcher">调度员</a>）；飞行管制监视（<a href="/help/flight-control">飞行管制</a>）；医院核对封签并接收；质量人员在 <em>记录</em> 中签署
（<a href="/help/quality">质量</a>）。</p>
</li>
<li><p><strong>下班之前。</strong> 备份到另一块盘，并演练能否恢复（<a href="/help/operator">运维</a>）：</p>
<pre tabindex="0"><code>sudo -u hemolift hemolift backup  -data /var/lib/hemolift/server -to /backup -keep 14 -archive /backup/log
sudo -u hemolift hemolift restore -from /backup -archive /backup/log -check
</code></pre>
</li>
</ol>
<p>内置的政策和温度要求只是无人批准过的示例。输注任何血液之前，须由您单位的两人在 <em>政策与温度要求</em> 页提出并批准自己的
（<a href="/help/quality#政策与温度要求">质量</a>）。</p>
<h2 id="走不下去时">走不下去时</h2>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>显示</th>
<th>怎么办</th>
</tr>
</thead>
<tbody><tr>
<td>有错误，改正后才能启用</td>
<td>每处错误写明表、行和字段；字段在其表单中标出</td>
</tr>
<tr>
<td>已是另一版本</td>
<td>期间有人改了网络：保存您的文件（<em>保存此文件</em>），放弃更改，再导入文件</td>
</tr>
<tr>
<td>有任务飞往那里，或正在途中</td>
<td>有航班或配送正在使用；待其结束再改</td>
</tr>
<tr>
<td>没有可用航班、没有可依靠的无人机</td>
<td>无人机联系得上吗（<em>设备</em>）？在家、已充电吗？卡片写明每架输在哪里</td>
</tr>
<tr>
<td>有血却没有方案</td>
<td>合适箱型的箱子联系得上、且在血站吗？</td>
</tr>
<tr>
<td>再次要求密码</td>
<td>涉及权限的操作每十分钟要求一次</td>
</tr>
</tbody></table></div>
`,sections:[{id:`第一天从空机器到第一张签收单`,title:`第一天：从空机器到第一张签收单`,text:"\n\n\n写给为血站安装系统的技术员。您需要一台 Linux 机器，装有 PostgreSQL 15 或更新版本（Debian：`apt install postgresql`），或装有 npm（由它获取）；`hemolift` 程序（一个文件，复制到 `/usr/local/bin`）和浏览器；飞机参数和箱子的验证数据；每架无人机、每只箱子旁边有人能输入十个字符。各部分的解释见\n[运维](operator.md)，这里是次序。页面显示北京时间（UTC+8）；API、日志和记录的曲线用 UTC。\n\n\n\n1. **启动。** 用单独的用户（不要用 root），给记录一个目录，另一块盘上给备份一个目录。先以 root 执行一次：\n\n       useradd --system --home-dir /var/lib/hemolift hemolift\n       install -d -o hemolift -m 700 /var/lib/hemolift /backup /backup/log\n\n   然后手工启动如下，或使用 systemd 单元（`docs/deploy`，目录相同）：\n\n       sudo -u hemolift hemolift doctor -data /var/lib/hemolift/server -archive /backup/log     # 这台机器缺什么\n       sudo -u hemolift hemolift serve  -data /var/lib/hemolift/server -archive /backup/log -addr 127.0.0.1:8080\n\n   它在那里建立一个私有 PostgreSQL，并打印一个链接。（要让其他机器访问，须有证书：`-addr 0.0.0.0:8443 -tls-cert … -tls-key …`。）\n2. **您是管理员。** 打开链接，设置密码。\n3. **网络。** *管理 · 网络*。从左到右填写各表；每个字段写明单位并有示例。应用之前一切都不生效。\n   - *站点*：您的血站和一家医院。输入停机坪坐标并说明其基准：中国大陆公开的地图用 GCJ‑02，相差数百米；也可在地图上点出（得到 WGS 84）。自带的地图只有区界和河流：要点到楼顶，请用自己的街道图启动（`-basemap`）。新站点会有常规的停机坪。请填写血站的\n     *海拔*：航班的高度以它为准显示。\n   - *机型*：厂家的参数。*箱型*：验证报告中的数据，以及验证所对应的温度要求。\n   - *无人机* 和 *箱子*：各有编号，与其上所写一致。\n   - *禁飞区*：导入主管部门的文件，按格式命名为 `zones.geojson`、`zones.ed269.json` 或 `zones.ed318.json`。没有禁飞区即空表：页面从空表开始，并有样例。GeoJSON 中每个区是一个多边形，属性有\n     `id`、`name_zh`、`name_en`、`type`（`PROHIBITED`、`REQ_AUTHORIZATION` 或 `CONDITIONAL`）、`lower_m`、`upper_m` 和 `reference`（`AGL` 离地高度或 `AMSL` 海拔高度）。\n   - *查看更改* 写明哪一行哪个字段有错，或将会改变什么。写明原因后应用，无需重启。\n4. **人员。** *管理 · 人员*：逐个添加，给出角色和站点，并把各自的链接交给本人。第一条航线需要：医院的 `requester` 和 `receiver`（或一个 `hospital`）、血站两人（一名 `dispatcher`，另一名复核者：`issuer` 或\n   `dispatcher`）、一名 `controller` 和一名 `quality`，后两者属全部站点。\n5. **设备。** *管理 · 设备*：按 *注册码*，一小时内在无人机或箱子上输入。设备要做什么见 [设备](devices.md)；*最近联系* 表明它已接入。\n6. **库存。** 调度员在 *库存*：供应方 CSV 用 *按清单入库*（页面有样例），手中的血袋用 *扫码入库*。\n7. **第一次配送。** 医院申请（[医院](hospital.md)）；调度员分配，另一人复核，装箱、加封、装机（[调度员](dispatcher.md)）；飞行管制监视（[飞行管制](flight-control.md)）；医院核对封签并接收；质量人员在 *记录* 中签署\n   （[质量](quality.md)）。\n8. **下班之前。** 备份到另一块盘，并演练能否恢复（[运维](operator.md)）：\n\n       sudo -u hemolift hemolift backup  -data /var/lib/hemolift/server -to /backup -keep 14 -archive /backup/log\n       sudo -u hemolift hemolift restore -from /backup -archive /backup/log -check\n\n\n\n内置的政策和温度要求只是无人批准过的示例。输注任何血液之前，须由您单位的两人在 *政策与温度要求* 页提出并批准自己的\n（[质量](quality.md#政策与温度要求)）。\n\n\n\n"},{id:`走不下去时`,title:`走不下去时`,text:`


| 显示 | 怎么办 |
|---|---|
| 有错误，改正后才能启用 | 每处错误写明表、行和字段；字段在其表单中标出 |
| 已是另一版本 | 期间有人改了网络：保存您的文件（*保存此文件*），放弃更改，再导入文件 |
| 有任务飞往那里，或正在途中 | 有航班或配送正在使用；待其结束再改 |
| 没有可用航班、没有可依靠的无人机 | 无人机联系得上吗（*设备*）？在家、已充电吗？卡片写明每架输在哪里 |
| 有血却没有方案 | 合适箱型的箱子联系得上、且在血站吗？ |
| 再次要求密码 | 涉及权限的操作每十分钟要求一次 |

`}]},{name:`dispatcher`,title:`调度员`,html:`<h1 id="调度员">调度员</h1>
<p>血站人员在实时地图上工作，可全程使用键盘：按 <code>?</code> 列出按键。</p>
<p><img alt="飞行途中" loading="lazy" data-picture="0"></p>
<p>左侧队列列出待调度的申请（最紧急的在前）和进行中的配送。<code>J</code>、<code>K</code> 上下移动，<code>Enter</code> 按所示方案分配。之后面板逐步提示：另一人复核、逐袋扫描装箱、加封、装机。
<code>A</code> 确认报警，<code>S</code> 搁置报警（<a href="/help/flight-control#报警">飞行管制</a>），<code>N</code> 代打来电话的医院录入申请，<code>Z</code> 划定禁飞区（<a href="/help/flight-control#临时划定空域">飞行管制</a>）。</p>
<h2 id="为什么是这架无人机">为什么是这架无人机</h2>
<p>每个方案都是对全部未完成申请的统一规划中的一项：血袋、血站、箱子、无人机和时刻。各层依次比较（未满足的特急申请、特急迟到的分钟数，然后是紧急、常规，再是将过期的
血袋、代用、能耗），从不加权。面板写明次优的无人机输在哪一层，其余每架首先违反哪条规则及其数值；本站每架可以起飞的无人机都有一个按钮。从给出方案到按下之间情况变了，
就什么也不分配：卡片说明变化，一步即可接受新方案。没有谁能满足的申请，会说明需要改变什么。<em>为什么</em> 说明血袋、血站、箱子、无人机、航线和停机坪各由什么决定。</p>
<h2 id="出现问题时">出现问题时</h2>
<p>下列情况配送算作失败：无人机静默两分钟、已折返、无路可走、落在别处，或装机五分钟仍未起飞（面板说明被什么拖住）；箱子过热或交接前将会过热；停机坪、血站停用，或起飞前
无人机、箱子停用。面板随即按次序列出对策（另一架无人机带同一箱、另一次配送、医院的另一停机坪、公路运送、继续飞行），确定的在前、迟到最少的在前，并写明对其他申请的代价；
<code>Enter</code> 执行第一项。在空中、或无人机可能仍在空中时，配送被 <em>放弃</em>：血袋召回，由另一次配送满足申请；在此之前仍可恢复。始终找不到的无人机予以核销；未报告而降落的由病房开箱。
不可使用的血袋在装箱时剔除，申请重新规划。</p>
<p>接到起飞指令而未起飞的无人机停用半小时；其箱子停留五分钟后取出。停在医院停机坪上满二十分钟、或在那里停用的无人机，会作为报警提示原因；在它返航、在那里重新联系上，或有人
说明已运走之前，它和停机坪都不计入可用。</p>
<p>危及生命的申请来不及满足，而空中有无人机正为较不紧急的申请运送所需血液时，若全盘规划在特急各层因此更优，面板会建议改送，并写明另一家医院的损失；那家医院立即得到通知。
站点、停机坪、无人机和箱子与禁飞区在同一处（<code>Z</code>）停用；医院在自己的页面停用自己的停机坪。血站调度员管本站的，飞行管制管全部。每项停用都有截止时间。无人机已被运走，由其血站
调度员或飞行管制说明。</p>
<h2 id="库存">库存</h2>
<p><code>5</code> <em>库存</em> 按成分和血型显示各血站：现有多少、按最近 14 天的用量可用几天，以及 48 小时内到期、已过期、隔离、预留和在途的数量。点开某一格列出血袋，先到期的在上；每袋都有来历。</p>
<p>血袋可逐袋扫码入库（扫码枪、相机或输入），也可按供应方清单入库：CSV（UTF‑8）表，列为 <code>din</code>、<code>product_code</code>、<code>division</code>、<code>component</code>、<code>blood_group</code>、<code>mass_g</code>、<code>expires_at</code>
和 <code>site</code>，袋上印有的各项可照扫码枪读出的样子填写。页面先显示每一行的结果；有一行不被接受就什么也不加；同一清单来两次不会重复。记录中血型、成分或有效期不同的血袋不被接受：
二者必有一错。</p>
<p>选中的血袋可以隔离、解除隔离、报废、从医院退回、经公路调往另一血站并在那里收入；需要时写明理由；要么全部完成，要么一袋不动。隔离、在途或过期的不会被分配。曾为配送加封的、
或因运输而不合格的，不再解除隔离。<em>盘点</em> 把货架上扫描的血袋与记录比对，不做任何更改。</p>
<h2 id="政策">政策</h2>
<p>由采供血机构决定的事项（O 型 RhD 阴性保留多少、给谁；代用到什么程度；血型未知的患者先用什么、从几袋起须医师复核；申请可否部分满足；哪些方案不经人即成为配送；血袋是否须由
另一人复核；无人机起飞（<code>pad_clear</code>、<code>release</code>）或下降（<code>descent</code>）前病房是否须确认停机坪；各机型的风限）写在一份有版本的文本里：<code>hemolift policy</code> 打印内置的一份（无人批准过）；
您自己的在 <em>政策与温度要求</em> 页提出并批准（<a href="/help/quality#政策与温度要求">质量</a>）。每次配送都保留当时依据的版本。</p>
<p>如何单独试验优化器、如何重演某一天，见 <a href="/help/integrator">集成</a>。</p>
`,sections:[{id:`调度员`,title:`调度员`,text:`


血站人员在实时地图上工作，可全程使用键盘：按 \`?\` 列出按键。



![飞行途中](../dispatcher.png)



左侧队列列出待调度的申请（最紧急的在前）和进行中的配送。\`J\`、\`K\` 上下移动，\`Enter\` 按所示方案分配。之后面板逐步提示：另一人复核、逐袋扫描装箱、加封、装机。
\`A\` 确认报警，\`S\` 搁置报警（[飞行管制](flight-control.md#报警)），\`N\` 代打来电话的医院录入申请，\`Z\` 划定禁飞区（[飞行管制](flight-control.md#临时划定空域)）。



`},{id:`为什么是这架无人机`,title:`为什么是这架无人机`,text:`


每个方案都是对全部未完成申请的统一规划中的一项：血袋、血站、箱子、无人机和时刻。各层依次比较（未满足的特急申请、特急迟到的分钟数，然后是紧急、常规，再是将过期的
血袋、代用、能耗），从不加权。面板写明次优的无人机输在哪一层，其余每架首先违反哪条规则及其数值；本站每架可以起飞的无人机都有一个按钮。从给出方案到按下之间情况变了，
就什么也不分配：卡片说明变化，一步即可接受新方案。没有谁能满足的申请，会说明需要改变什么。*为什么* 说明血袋、血站、箱子、无人机、航线和停机坪各由什么决定。



`},{id:`出现问题时`,title:`出现问题时`,text:`


下列情况配送算作失败：无人机静默两分钟、已折返、无路可走、落在别处，或装机五分钟仍未起飞（面板说明被什么拖住）；箱子过热或交接前将会过热；停机坪、血站停用，或起飞前
无人机、箱子停用。面板随即按次序列出对策（另一架无人机带同一箱、另一次配送、医院的另一停机坪、公路运送、继续飞行），确定的在前、迟到最少的在前，并写明对其他申请的代价；
\`Enter\` 执行第一项。在空中、或无人机可能仍在空中时，配送被 *放弃*：血袋召回，由另一次配送满足申请；在此之前仍可恢复。始终找不到的无人机予以核销；未报告而降落的由病房开箱。
不可使用的血袋在装箱时剔除，申请重新规划。



接到起飞指令而未起飞的无人机停用半小时；其箱子停留五分钟后取出。停在医院停机坪上满二十分钟、或在那里停用的无人机，会作为报警提示原因；在它返航、在那里重新联系上，或有人
说明已运走之前，它和停机坪都不计入可用。



危及生命的申请来不及满足，而空中有无人机正为较不紧急的申请运送所需血液时，若全盘规划在特急各层因此更优，面板会建议改送，并写明另一家医院的损失；那家医院立即得到通知。
站点、停机坪、无人机和箱子与禁飞区在同一处（\`Z\`）停用；医院在自己的页面停用自己的停机坪。血站调度员管本站的，飞行管制管全部。每项停用都有截止时间。无人机已被运走，由其血站
调度员或飞行管制说明。



`},{id:`库存`,title:`库存`,text:`


\`5\` *库存* 按成分和血型显示各血站：现有多少、按最近 14 天的用量可用几天，以及 48 小时内到期、已过期、隔离、预留和在途的数量。点开某一格列出血袋，先到期的在上；每袋都有来历。



血袋可逐袋扫码入库（扫码枪、相机或输入），也可按供应方清单入库：CSV（UTF‑8）表，列为 \`din\`、\`product_code\`、\`division\`、\`component\`、\`blood_group\`、\`mass_g\`、\`expires_at\`
和 \`site\`，袋上印有的各项可照扫码枪读出的样子填写。页面先显示每一行的结果；有一行不被接受就什么也不加；同一清单来两次不会重复。记录中血型、成分或有效期不同的血袋不被接受：
二者必有一错。



选中的血袋可以隔离、解除隔离、报废、从医院退回、经公路调往另一血站并在那里收入；需要时写明理由；要么全部完成，要么一袋不动。隔离、在途或过期的不会被分配。曾为配送加封的、
或因运输而不合格的，不再解除隔离。*盘点* 把货架上扫描的血袋与记录比对，不做任何更改。



`},{id:`政策`,title:`政策`,text:`


由采供血机构决定的事项（O 型 RhD 阴性保留多少、给谁；代用到什么程度；血型未知的患者先用什么、从几袋起须医师复核；申请可否部分满足；哪些方案不经人即成为配送；血袋是否须由
另一人复核；无人机起飞（\`pad_clear\`、\`release\`）或下降（\`descent\`）前病房是否须确认停机坪；各机型的风限）写在一份有版本的文本里：\`hemolift policy\` 打印内置的一份（无人批准过）；
您自己的在 *政策与温度要求* 页提出并批准（[质量](quality.md#政策与温度要求)）。每次配送都保留当时依据的版本。



如何单独试验优化器、如何重演某一天，见 [集成](integrator.md)。

`}]},{name:`hospital`,title:`医院`,html:`<h1 id="医院">医院</h1>
<p>病房或输血科在手机或窄窗口上使用。</p>
<p><img alt="在途的申请" loading="lazy" data-picture="1"></p>
<p><strong>申请。</strong> 选择紧急程度、成分、血型和数量。提交之前，页面先告诉您：现在能否起飞、预计何时交接，以及十次中有九次不晚于何时。这一估计由飞行计划（含风和排队）
与此前同样紧急、提前量相近的飞行实测相加而成，仍在等待的也计算在内；下方写明以往的估计有多准。实测不足十次时只显示计划。血型未定时请照实填写；性别、年龄
和抗‑D 只在可能允许使用 RhD 阳性血液时才询问，从不询问患者的姓名或编号。已受理的申请有编号，绝不会丢失。每份申请在服务器答复之前都保存在手机上：未发出的列在
页面上，一旦恢复网络便自动发送，最紧急的先发；刷新页面、换人登录、断网一小时之后也一样。期间再次按下同一份申请，仍算同一份。十分钟内若已有相似的申请
（同一医院、成分和血型，不论由谁提交），或需求时限已过，页面会先询问。血站的电话（<code>sites.csv</code> 的 <code>phone</code>）一按即拨。</p>
<p><strong>跟踪。</strong> 一个页面上有预计到达时间与需求时限、各个步骤、地图、箱内温度与其范围。<em>无数据</em> 表示没有人知道，绝不表示 <em>在范围内</em>。箱子加封之前，申请可以修改和
取消：修改后重新等待，已分配的血液随即释放。<em>全部申请</em> 可按状态、紧急程度、成分和血型查找以前的申请。</p>
<p><strong>给他人看。</strong> 病房或血站可以为救护车、手术室生成链接：持有链接者无需账号，只能看到这一次配送走到哪里、何时降落、箱内温度，看不到患者、血型、血袋、人员或其他
航班。链接到期失效，也可随时撤销。</p>
<p><strong>通知。</strong> 在菜单 <em>通知</em> 中为浏览器开启推送，并选择哪些紧急程度，默认只有特急。无人机起飞、等待停机坪确认、降落、途中箱温超出范围、配送不能送达时都会通知。退出
登录后即停止。服务器须先设置（见 <a href="/help/operator">运维</a>）。</p>
<p><strong>停机坪。</strong> 如果政策要求，请在无人机到达前确认停机坪已清空、接收人已到位：在此之前它不起飞，或在停机坪前悬停；无人能联系上的无人机按计划降落。血站和飞行管制可以代
打电话来的病房确认。确认对该停机坪有效半小时；凭它放行的航班，有效到降落为止。救护车占用停机坪时请撤回确认：无论政策如何，无人机都会悬停。等待过久会成为危急报警，
并在电量尚够返程时返航。</p>
<p><strong>接收。</strong> 先看封签是否完好，输入或扫描其号码（若不是血站所加的那一个，请勿开箱，立即致电），再逐袋扫描：标签上的条码不分先后，或输入印刷的号码及校验字符；可用扫码枪、手机相机（Code 128 和 Data Matrix，浏览器仅在
https 页面允许），也可手工输入。扫描旁边显示冷链的建议及其依据的规则（<a href="/help/quality">质量</a>）。违背建议接收须写明理由；冻过的血任何人都不能接收；未接收的写明理由后隔离。
无人机未报告而已降落时，请在页面上说明它已降落，然后即可开箱。最后一袋结束配送：页面会再次要求密码。最后一袋确认后，无人机一经放行
即起飞返航：确认之前请把箱子放回舱内并离开停机坪。</p>
<p><strong>停机坪停用。</strong> 医院可在自己的页面上停用自己的停机坪，写明原因和截止时间，也可重新启用。</p>
`,sections:[{id:`医院`,title:`医院`,text:`


病房或输血科在手机或窄窗口上使用。



![在途的申请](../hospital.png)



**申请。** 选择紧急程度、成分、血型和数量。提交之前，页面先告诉您：现在能否起飞、预计何时交接，以及十次中有九次不晚于何时。这一估计由飞行计划（含风和排队）
与此前同样紧急、提前量相近的飞行实测相加而成，仍在等待的也计算在内；下方写明以往的估计有多准。实测不足十次时只显示计划。血型未定时请照实填写；性别、年龄
和抗‑D 只在可能允许使用 RhD 阳性血液时才询问，从不询问患者的姓名或编号。已受理的申请有编号，绝不会丢失。每份申请在服务器答复之前都保存在手机上：未发出的列在
页面上，一旦恢复网络便自动发送，最紧急的先发；刷新页面、换人登录、断网一小时之后也一样。期间再次按下同一份申请，仍算同一份。十分钟内若已有相似的申请
（同一医院、成分和血型，不论由谁提交），或需求时限已过，页面会先询问。血站的电话（\`sites.csv\` 的 \`phone\`）一按即拨。



**跟踪。** 一个页面上有预计到达时间与需求时限、各个步骤、地图、箱内温度与其范围。*无数据* 表示没有人知道，绝不表示 *在范围内*。箱子加封之前，申请可以修改和
取消：修改后重新等待，已分配的血液随即释放。*全部申请* 可按状态、紧急程度、成分和血型查找以前的申请。



**给他人看。** 病房或血站可以为救护车、手术室生成链接：持有链接者无需账号，只能看到这一次配送走到哪里、何时降落、箱内温度，看不到患者、血型、血袋、人员或其他
航班。链接到期失效，也可随时撤销。



**通知。** 在菜单 *通知* 中为浏览器开启推送，并选择哪些紧急程度，默认只有特急。无人机起飞、等待停机坪确认、降落、途中箱温超出范围、配送不能送达时都会通知。退出
登录后即停止。服务器须先设置（见 [运维](operator.md)）。



**停机坪。** 如果政策要求，请在无人机到达前确认停机坪已清空、接收人已到位：在此之前它不起飞，或在停机坪前悬停；无人能联系上的无人机按计划降落。血站和飞行管制可以代
打电话来的病房确认。确认对该停机坪有效半小时；凭它放行的航班，有效到降落为止。救护车占用停机坪时请撤回确认：无论政策如何，无人机都会悬停。等待过久会成为危急报警，
并在电量尚够返程时返航。



**接收。** 先看封签是否完好，输入或扫描其号码（若不是血站所加的那一个，请勿开箱，立即致电），再逐袋扫描：标签上的条码不分先后，或输入印刷的号码及校验字符；可用扫码枪、手机相机（Code 128 和 Data Matrix，浏览器仅在
https 页面允许），也可手工输入。扫描旁边显示冷链的建议及其依据的规则（[质量](quality.md)）。违背建议接收须写明理由；冻过的血任何人都不能接收；未接收的写明理由后隔离。
无人机未报告而已降落时，请在页面上说明它已降落，然后即可开箱。最后一袋结束配送：页面会再次要求密码。最后一袋确认后，无人机一经放行
即起飞返航：确认之前请把箱子放回舱内并离开停机坪。



**停机坪停用。** 医院可在自己的页面上停用自己的停机坪，写明原因和截止时间，也可重新启用。

`}]},{name:`flight-control`,title:`飞行管制`,html:`<h1 id="飞行管制">飞行管制</h1>
<p>飞行管制员从自己的控制台 <code>/control</code> 开始。顶部：空中几架、箱温在范围内的数量、电量富余最少者、当班人员。其下是每架飞机的进程条，有报警的在前，其次是最先耗尽的；再下是报警。
右侧是选中的航班：地图、由谁负责、报警，以及箱温、气温、高度、电量、链路共用一个光标的曲线（拖动放大，双击复原）和指令。<code>J</code>、<code>K</code> 在进程条间移动。所有血站的实时地图在另一标签页。</p>
<p><img alt="箱温超出范围时的控制台" loading="lazy" data-picture="2"></p>
<h2 id="报警">报警</h2>
<p>每条报警写明是哪架无人机或哪只箱子、出了什么问题、涉及哪次配送。数值为当前测得；旁边是限值、最差值，或预计何时到达限值。时有时无的情况只占一行，写明次数及抖动。每个页面顶部的
计数后面都是同一张表：<em>未确认</em> 在前，其次 <em>已确认</em>，再次 <em>已恢复、未确认</em>（已结束而无人看过）；同类中按优先级，再按最先耗尽排列。上方的柱形是每十分钟的报警数，目标为一条；超过十条
即为泛滥。各种报警及其对策见 <code>?</code>。</p>
<ul>
<li><code>A</code> 确认焦点所在行的报警；没有焦点时确认第一条无人看过的。声音停止，行保留。</li>
<li><code>S</code> 搁置：写明理由，静音 5 至 30 分钟。关于血液经历的报警（箱温、静默、传感器）须由另一角色的第二人确认搁置后才静音。搁置到期须重新查看；期间再现的情况仍在搁置中。</li>
<li>失去链路时倒计时到飞机自行采取行动的时刻，前提是机型写明了（<code>aircraft.csv</code> 的 <code>lost_link_s</code>、<code>lost_link_does</code>：返航、降落、悬停或继续）。</li>
<li>一架也联系不上时只报一条，各架的报警 <em>被抑制</em>：那是服务器自身的链路。</li>
</ul>
<p>偏离航线、高度不符或落后于计划降落时间，两秒后报警，直到明显回到限内（限值的五分之四）；电量不足的，到比所需多出一个百分点为止。限值取机型的 <code>lateral_m</code>、<code>vertical_m</code>、<code>delay_min</code>
（<code>aircraft.csv</code> 可选列），否则为 150 m、30 m、5 min（产品选择）。高度在离起点 300 m 之后、离终点 300 m 之前计算。超限的项在进程条中着色。</p>
<h2 id="航班由谁负责">航班由谁负责</h2>
<p><em>接管</em> 使航班归您负责，人人可见。<em>移交</em> 把它交给当班的某人或任何人；对方接管之前仍归您。接管他人负责而未移交的航班会写出对方姓名；两人同时按下，后者会被告知。</p>
<p><em>交班记录</em> 是上一班留给下一班的话，永久保留在日志中。</p>
<h2 id="指令">指令</h2>
<p><em>悬停</em> 使无人机停在空中，<em>返航</em> 绕开禁飞区带它回家，<em>继续</em> 让它接着飞。每条指令按住 0.8 秒确认，页面写明无人机答复了什么、用时多少。悬停的无人机在任何地方都没有到达时间。飞行管制
下达的，调度员不能撤销。政策要求病房在下降前确认时，由服务器自行令无人机在停机坪前悬停；在有人代病房确认停机坪已清空之前，<em>继续</em> 不被接受。指令在无人机确认之前重复发送；一分钟内
无人答复则报警。</p>
<p><em>备降</em>：空中的无人机最多列出三个备降停机坪，各有航程、时间、降落后超出储备的电量，以及箱子在那里还剩多少时间。选择一个并按住。该停机坪届时须空闲且在用；无人机可动用储备电量飞往
那里，储备正是为此。它的配送并不算送达：调度台立即得到通知及可选的对策；无人机在备降停机坪算作 <em>落在别处</em>，直到有人运走。飞行中可像改往其他停机坪一样，再令它飞回目标。</p>
<p><em>就地降落</em> 是最后手段，须两人：一人提出，以报警通知所有人，另一人在两分钟内确认同一请求；两人同时提出，后者会被告知。无人机就地下降，下降途中仍服从悬停、返航和备降。</p>
<p>只有全部满足下列各条才放行，依次为：无人机已接受计划、联系得上、所涉都未停用、航路上没有禁飞区、风在机型限内、电量足够飞行并含余量与储备、停机坪空闲、箱子都联系得上、交接时仍在
限内、无人机位于航路起点、政策要求时病房已确认停机坪。面板写出的等待原因即首个不满足的一条。</p>
<h2 id="临时划定空域">临时划定空域</h2>
<p>调度员或飞行管制员在实时地图按 <code>Z</code>，点出区域各角，命名并给出时长。它即刻生效：此后的航线都绕开，地面任务另行规划，空中的无人机改走另一条路前往目标，面板逐一列出各自的结果。无路可走的
被令悬停；在区内的给出最短的出路，由人决定。按住 <em>解除</em> 结束该区。</p>
<p>网络的长期禁飞区来自其目录中的 <code>zones.geojson</code>、<code>zones.ed269.json</code> 或 <code>zones.ed318.json</code>；<code>GET /api/v1/zones?format=geojson|ed269|ed318</code> 导出当前有效的全部。</p>
`,sections:[{id:`飞行管制`,title:`飞行管制`,text:`


飞行管制员从自己的控制台 \`/control\` 开始。顶部：空中几架、箱温在范围内的数量、电量富余最少者、当班人员。其下是每架飞机的进程条，有报警的在前，其次是最先耗尽的；再下是报警。
右侧是选中的航班：地图、由谁负责、报警，以及箱温、气温、高度、电量、链路共用一个光标的曲线（拖动放大，双击复原）和指令。\`J\`、\`K\` 在进程条间移动。所有血站的实时地图在另一标签页。



![箱温超出范围时的控制台](../flight-control.png)



`},{id:`报警`,title:`报警`,text:`


每条报警写明是哪架无人机或哪只箱子、出了什么问题、涉及哪次配送。数值为当前测得；旁边是限值、最差值，或预计何时到达限值。时有时无的情况只占一行，写明次数及抖动。每个页面顶部的
计数后面都是同一张表：*未确认* 在前，其次 *已确认*，再次 *已恢复、未确认*（已结束而无人看过）；同类中按优先级，再按最先耗尽排列。上方的柱形是每十分钟的报警数，目标为一条；超过十条
即为泛滥。各种报警及其对策见 \`?\`。



- \`A\` 确认焦点所在行的报警；没有焦点时确认第一条无人看过的。声音停止，行保留。
- \`S\` 搁置：写明理由，静音 5 至 30 分钟。关于血液经历的报警（箱温、静默、传感器）须由另一角色的第二人确认搁置后才静音。搁置到期须重新查看；期间再现的情况仍在搁置中。
- 失去链路时倒计时到飞机自行采取行动的时刻，前提是机型写明了（\`aircraft.csv\` 的 \`lost_link_s\`、\`lost_link_does\`：返航、降落、悬停或继续）。
- 一架也联系不上时只报一条，各架的报警 *被抑制*：那是服务器自身的链路。



偏离航线、高度不符或落后于计划降落时间，两秒后报警，直到明显回到限内（限值的五分之四）；电量不足的，到比所需多出一个百分点为止。限值取机型的 \`lateral_m\`、\`vertical_m\`、\`delay_min\`
（\`aircraft.csv\` 可选列），否则为 150 m、30 m、5 min（产品选择）。高度在离起点 300 m 之后、离终点 300 m 之前计算。超限的项在进程条中着色。



`},{id:`航班由谁负责`,title:`航班由谁负责`,text:`


*接管* 使航班归您负责，人人可见。*移交* 把它交给当班的某人或任何人；对方接管之前仍归您。接管他人负责而未移交的航班会写出对方姓名；两人同时按下，后者会被告知。



*交班记录* 是上一班留给下一班的话，永久保留在日志中。



`},{id:`指令`,title:`指令`,text:`


*悬停* 使无人机停在空中，*返航* 绕开禁飞区带它回家，*继续* 让它接着飞。每条指令按住 0.8 秒确认，页面写明无人机答复了什么、用时多少。悬停的无人机在任何地方都没有到达时间。飞行管制
下达的，调度员不能撤销。政策要求病房在下降前确认时，由服务器自行令无人机在停机坪前悬停；在有人代病房确认停机坪已清空之前，*继续* 不被接受。指令在无人机确认之前重复发送；一分钟内
无人答复则报警。



*备降*：空中的无人机最多列出三个备降停机坪，各有航程、时间、降落后超出储备的电量，以及箱子在那里还剩多少时间。选择一个并按住。该停机坪届时须空闲且在用；无人机可动用储备电量飞往
那里，储备正是为此。它的配送并不算送达：调度台立即得到通知及可选的对策；无人机在备降停机坪算作 *落在别处*，直到有人运走。飞行中可像改往其他停机坪一样，再令它飞回目标。



*就地降落* 是最后手段，须两人：一人提出，以报警通知所有人，另一人在两分钟内确认同一请求；两人同时提出，后者会被告知。无人机就地下降，下降途中仍服从悬停、返航和备降。



只有全部满足下列各条才放行，依次为：无人机已接受计划、联系得上、所涉都未停用、航路上没有禁飞区、风在机型限内、电量足够飞行并含余量与储备、停机坪空闲、箱子都联系得上、交接时仍在
限内、无人机位于航路起点、政策要求时病房已确认停机坪。面板写出的等待原因即首个不满足的一条。



`},{id:`临时划定空域`,title:`临时划定空域`,text:`


调度员或飞行管制员在实时地图按 \`Z\`，点出区域各角，命名并给出时长。它即刻生效：此后的航线都绕开，地面任务另行规划，空中的无人机改走另一条路前往目标，面板逐一列出各自的结果。无路可走的
被令悬停；在区内的给出最短的出路，由人决定。按住 *解除* 结束该区。



网络的长期禁飞区来自其目录中的 \`zones.geojson\`、\`zones.ed269.json\` 或 \`zones.ed318.json\`；\`GET /api/v1/zones?format=geojson|ed269|ed318\` 导出当前有效的全部。

`}]},{name:`quality`,title:`质量`,html:`<h1 id="质量">质量</h1>
<p>温度意味着什么、将会怎样、什么留在记录里。</p>
<p><img alt="装有血液的箱子" loading="lazy" data-picture="3"></p>
<p>航班面板显示载荷曲线与其范围，间断如实画出，并写明多久会到限（最早与中位）、交接时及可达的其他停机坪处的余量。预测说将到限，箱子即为 <em>接近限值</em>，早于温度本身；静默、过热或交接前将会
过热的箱子不放行。<code>3</code> 打开全部箱子的冷链视图。病房处每袋血都有判定、所依据的规则和温度要求的版本；违背建议接收须写明理由，冻过的任何人不得接收，人的决定予以保留。配送的记录可取 JSON、
曲线和打印页，读数可取 CSV（<code>GET …/temperatures?csv=spreadsheet</code>，<code>Accept: text/csv</code>）；也可以把记录仪的 CSV 文件并排比对。</p>
<pre tabindex="0"><code>hemolift demo -lang zh -forgotten 1                # 未预冷、盖子虚掩、日晒的箱子
hemolift coldchain profiles                        # 温度要求：依据、版次、可信度
hemolift coldchain judge -profile hemolift-rbc-2-10 TRACE.csv
hemolift coldchain logger -profile hemolift-rbc-2-10 -box BX-025 -zone Asia/Shanghai LOGGER.csv
hemolift label &#39;]C0=A99992612345600&#39; &#39;=&lt;E0398V00&#39; &#39;G1234 17 654321 A&#39;   # 每次扫描说了什么，或为何不被接受
</code></pre>
<p><code>judge</code>、<code>logger</code> 和页面用同一个读取器：UTF‑8、UTF‑16、Windows‑1252 和 GB18030；逗号、分号和制表符；小数逗号；表头前的说明行；°C、°F、K；带或不带时区、分两列、自 1970 年
或自开始计的时间。列按名称的含义识别：露点、设定值或最小值不是探头。读到什么、假定什么、略去什么都写在答复里（<code>lines</code>）；分不清的（如日月先后）拒绝，并写明用哪个参数说明
（<code>-zone</code>、<code>-unit</code>、<code>-dates</code>、<code>-columns</code>）；自相矛盾的文件（行间另有表头或单位、数字没有列名、各行同一时刻）同样拒绝。读不出的一行，自前一读数到后一读数之间算 <em>无监测</em>（计入 <code>gap_s</code>）；紧邻超限
读数或在记录末尾时意味着隔离；<code>HI</code>、<code>OL</code>、<code>&lt;-40</code> 是该侧的证据。</p>
<p>记录的列为 <code>time_s,temp_c[,probe2_c,ambient_c,lid]</code>；间隔超过标准所许最长间断（红细胞 5 分钟）的读数之间算无监测，因此稀疏的记录会要求隔离而不显示超限。
<code>coldchain profiles -csv</code> 打印内置的温度要求。</p>
<h2 id="政策与温度要求">政策与温度要求</h2>
<p>政策规定如何选血、核对，温度要求规定如何判定血箱。两者都有版本，在 <em>政策与温度要求</em> 页。<strong>内置的无人批准过</strong>，在您批准之前页面会注明。</p>
<ol>
<li>管理员或质量人员提出新版本：<em>提出变更</em>，在页面上改行，或读入 CSV 文件，<em>查看变更</em>，写明理由。无法读取的内容、缺少某种箱型所用的温度要求，都按行和列指出，不能提出。</li>
<li>另一位质量人员查看：逐行逐列的原值与新值，以及 CSV 全文。批准（即刻或自某时起生效）或写明理由否决，在浏览器中均须输入密码。提出者本人不能批准。已批准而尚未生效的仍可停止。</li>
<li>到时即生效，无须重启，前提是仍与网络相符；否则沿用之前的版本，页面和服务器日志写明原因，待相符时再生效，除非更晚的版本已先生效。温度要求的某一行若有更晚的 <code>valid_from</code>，自该日起生效。<strong>血箱按装箱时生效的温度要求判定</strong>，其后的变更不影响它。</li>
</ol>
<p>全文连同提出人、决定人、时间、理由和生效时间永久保留。程序可用 <code>/documents</code> 做同样的事。</p>
<h2 id="签署记录">签署记录</h2>
<p><code>quality</code> 角色的账号在 <em>记录</em> 页（或 <code>POST /deliveries/{id}/signatures</code>）签署已结束配送的冷链记录：接受这段运输及对每袋血的决定，或写明理由拒绝。在浏览器中每次签署都要输入密码。签的是当时显示的
记录，以其内容（箱子、标准、读数、建议和决定）的 SHA‑256 为准：其间有变则不予签署。姓名、时间、含义和摘要永久保留并随记录打印；对较早状态的签署会注明。签署是服务器的一条记录，不是个人密钥
的签名。<em>记录</em> 列出无人签过的、或自最近一次比对记录仪文件后未再签的。</p>
<h2 id="谁做了什么">谁做了什么</h2>
<p>配送的每一步都是一条交接事件，有人员、时间和扫描内容。哪个角色可以做什么写在一张表里；表中没有的一律拒绝。政策要求时，血袋由分配者之外的另一人复核。</p>
`,sections:[{id:`质量`,title:`质量`,text:`


温度意味着什么、将会怎样、什么留在记录里。



![装有血液的箱子](../quality.png)



航班面板显示载荷曲线与其范围，间断如实画出，并写明多久会到限（最早与中位）、交接时及可达的其他停机坪处的余量。预测说将到限，箱子即为 *接近限值*，早于温度本身；静默、过热或交接前将会
过热的箱子不放行。\`3\` 打开全部箱子的冷链视图。病房处每袋血都有判定、所依据的规则和温度要求的版本；违背建议接收须写明理由，冻过的任何人不得接收，人的决定予以保留。配送的记录可取 JSON、
曲线和打印页，读数可取 CSV（\`GET …/temperatures?csv=spreadsheet\`，\`Accept: text/csv\`）；也可以把记录仪的 CSV 文件并排比对。



    hemolift demo -lang zh -forgotten 1                # 未预冷、盖子虚掩、日晒的箱子
    hemolift coldchain profiles                        # 温度要求：依据、版次、可信度
    hemolift coldchain judge -profile hemolift-rbc-2-10 TRACE.csv
    hemolift coldchain logger -profile hemolift-rbc-2-10 -box BX-025 -zone Asia/Shanghai LOGGER.csv
    hemolift label ']C0=A99992612345600' '=<E0398V00' 'G1234 17 654321 A'   # 每次扫描说了什么，或为何不被接受



\`judge\`、\`logger\` 和页面用同一个读取器：UTF‑8、UTF‑16、Windows‑1252 和 GB18030；逗号、分号和制表符；小数逗号；表头前的说明行；°C、°F、K；带或不带时区、分两列、自 1970 年
或自开始计的时间。列按名称的含义识别：露点、设定值或最小值不是探头。读到什么、假定什么、略去什么都写在答复里（\`lines\`）；分不清的（如日月先后）拒绝，并写明用哪个参数说明
（\`-zone\`、\`-unit\`、\`-dates\`、\`-columns\`）；自相矛盾的文件（行间另有表头或单位、数字没有列名、各行同一时刻）同样拒绝。读不出的一行，自前一读数到后一读数之间算 *无监测*（计入 \`gap_s\`）；紧邻超限
读数或在记录末尾时意味着隔离；\`HI\`、\`OL\`、\`<-40\` 是该侧的证据。



记录的列为 \`time_s,temp_c[,probe2_c,ambient_c,lid]\`；间隔超过标准所许最长间断（红细胞 5 分钟）的读数之间算无监测，因此稀疏的记录会要求隔离而不显示超限。
\`coldchain profiles -csv\` 打印内置的温度要求。



`},{id:`政策与温度要求`,title:`政策与温度要求`,text:`


政策规定如何选血、核对，温度要求规定如何判定血箱。两者都有版本，在 *政策与温度要求* 页。**内置的无人批准过**，在您批准之前页面会注明。



1. 管理员或质量人员提出新版本：*提出变更*，在页面上改行，或读入 CSV 文件，*查看变更*，写明理由。无法读取的内容、缺少某种箱型所用的温度要求，都按行和列指出，不能提出。
2. 另一位质量人员查看：逐行逐列的原值与新值，以及 CSV 全文。批准（即刻或自某时起生效）或写明理由否决，在浏览器中均须输入密码。提出者本人不能批准。已批准而尚未生效的仍可停止。
3. 到时即生效，无须重启，前提是仍与网络相符；否则沿用之前的版本，页面和服务器日志写明原因，待相符时再生效，除非更晚的版本已先生效。温度要求的某一行若有更晚的 \`valid_from\`，自该日起生效。**血箱按装箱时生效的温度要求判定**，其后的变更不影响它。



全文连同提出人、决定人、时间、理由和生效时间永久保留。程序可用 \`/documents\` 做同样的事。



`},{id:`签署记录`,title:`签署记录`,text:`


\`quality\` 角色的账号在 *记录* 页（或 \`POST /deliveries/{id}/signatures\`）签署已结束配送的冷链记录：接受这段运输及对每袋血的决定，或写明理由拒绝。在浏览器中每次签署都要输入密码。签的是当时显示的
记录，以其内容（箱子、标准、读数、建议和决定）的 SHA‑256 为准：其间有变则不予签署。姓名、时间、含义和摘要永久保留并随记录打印；对较早状态的签署会注明。签署是服务器的一条记录，不是个人密钥
的签名。*记录* 列出无人签过的、或自最近一次比对记录仪文件后未再签的。



`},{id:`谁做了什么`,title:`谁做了什么`,text:`


配送的每一步都是一条交接事件，有人员、时间和扫描内容。哪个角色可以做什么写在一张表里；表中没有的一律拒绝。政策要求时，血袋由分配者之外的另一人复核。

`}]},{name:`operator`,title:`运维`,html:`<h1 id="运维">运维</h1>
<p>一个程序，一个数据目录。</p>
<p><img alt="运行中的服务器的实时地图" loading="lazy" data-picture="0"></p>
<pre tabindex="0"><code>hemolift serve -network DIR -addr 0.0.0.0:8443 -tls-cert CERT.pem -tls-key KEY.pem
</code></pre>
<p><strong>记录。</strong> <code>serve</code> 把一切保存在 <code>-data</code> 下的私有 PostgreSQL 中，或保存在 <code>DATABASE_URL</code> 指定的数据库中，
例如 <code>DATABASE_URL=postgres://hemolift@db.example/hemolift</code>。使用私有数据库时，服务器以一个不拥有任何对象的数据库角色运行：
对日志、交接、判定、采样和文件只能追加，不能更改或删除。使用您自己的数据库时，请建立两个数据库角色：</p>
<pre tabindex="0"><code>CREATE ROLE hemolift_owner LOGIN PASSWORD &#39;…&#39;; CREATE ROLE hemolift_server LOGIN PASSWORD &#39;…&#39;;
CREATE DATABASE hemolift OWNER hemolift_owner;
DATABASE_OWNER_URL=postgres://hemolift_owner:…@db.example/hemolift DATABASE_URL=postgres://hemolift_server:…@db.example/hemolift
</code></pre>
<p>服务器以所有者的身份升级结构，以另一个的身份工作；权限在每次启动时授予。只设 <code>DATABASE_URL</code> 时，用拥有该数据库的一个角色即可，但启动时会警告：
服务器出错时可能改动日志。语句和锁都有超时；私有数据库带校验和。磁盘写满时，<code>/readyz</code> 答复 503，需要写入的操作也以 503 拒绝，不会丢失。
私有 PostgreSQL 一旦终止，服务器打印一行后退出，不会在没有它的情况下继续运行。<code>hemolift migrate</code> 把数据库升级到最新结构，<code>serve</code> 启动时也会升级。
同一份记录同一时刻只由一个服务器作决定：第二个服务器等待 15 s 后被拒绝；失去该数据库连接的服务器立即退出。（这里用的是会话级咨询锁：
两者之间如有连接池，不得共用会话。）</p>
<p><strong>人员。</strong> 首次启动时打印一个链接，<code>admin</code> 本人凭它设置密码，仅一次，48 小时内有效；以后只要没有任何管理员设过密码，每次启动都再打印一个。
链接中的监听地址请换成大家实际访问的服务器地址。管理员在 <em>管理 · 人员</em> 页添加账号（姓名、角色、所属医院或血站），并为每个账号得到一个链接，
只交给其本人。忘记密码的人，也用同一个按钮生成链接。账号停用，或更换角色、单位后，立即在所有地方退出登录，其链接也随即失效。唯一的管理员忘记密码时，
请用 <code>-invite admin</code> 启动一次 <code>serve</code>。有所属单位的管理员管理本单位的账号。在浏览器中管理账号，超过十分钟须再次输入密码。使用令牌时不再要求密码：
请像保管密码一样保管管理员的令牌。</p>
<pre tabindex="0"><code>curl -fsS $URL/api/v1/accounts -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d \\
  &#39;{&quot;login&quot;:&quot;li.na&quot;,&quot;name_zh&quot;:&quot;李娜&quot;,&quot;name_en&quot;:&quot;Li Na&quot;,&quot;role&quot;:&quot;hospital&quot;,&quot;site&quot;:&quot;SY06&quot;}&#39;
</code></pre>
<p>答复中是 <code>/invitation#TOKEN</code> 的令牌；没有页面的程序把它放在 <code>POST /api/v1/invitation</code> 的请求头 <code>Invitation-Token</code> 中，正文为 <code>{&quot;password&quot;:&quot;…&quot;}</code>。重设密码的链接在使用之前，
旧密码仍然有效：密码被盗时请停用该账号。各人在 <em>我的登录</em> 中修改自己的密码：至少 12 个字符，且不能是容易被猜到的。</p>
<p><strong>通行密钥。</strong> 给出 <code>-page https://blood.example</code>（浏览器所见的服务器地址）后，各人可以用通行密钥登录：手机、电脑或安全密钥上的指纹、面容或 PIN。各人在
<em>我的登录</em> 中添加和移除自己的通行密钥。需要再次输入密码的操作也可用它确认；签署记录仍要求密码。由身份提供方决定角色的人在这里不能有通行密钥。通行密钥属于地址中的名称：更换名称后须全部重新添加。
重设密码的链接一经使用，该账号的通行密钥全部失效。</p>
<p><strong>统一身份认证。</strong> 除密码外，还可以通过 OpenID Connect 身份提供方（Keycloak、Entra ID、医院自建的）登录：</p>
<pre tabindex="0"><code>hemolift serve … -oidc-issuer https://id.hospital.example/realms/blood -oidc-client hemolift -oidc-secret /etc/hemolift/oidc-secret \\
  -page https://blood.example -oidc-name &#39;Hospital account&#39; -oidc-claim groups -oidc-roles /etc/hemolift/oidc-roles.csv
</code></pre>
<p>在身份提供方登记一个使用授权码流程的 Web 客户端，回调地址为 <code>https://blood.example/auth/callback</code>，
并让提供方给出上述声明（在令牌中或在 userinfo 中）。角色文件写明声明的每个取值在这里是什么，列为 <code>value,role,site</code>：</p>
<pre tabindex="0"><code>value,role,site
blood-dispatch,dispatcher,SYBC
ward-6,requester,SY06
ward-6,receiver,SY06
quality,quality,
</code></pre>
<p>有此类取值的人，首次登录时获得账号，以后每次登录都取得文件当时给出的角色；取值分属两个单位的，或没有任何取值的，不能登录。
身份由提供方的 issuer 和 subject 认定：这里已有账号的名称不会给别人。该账号的本人先用密码登录，十分钟之内在 <em>我的登录</em> 中关联二者；
这样的账号保留它在这里的角色。没有 <code>-oidc-roles</code> 时，只有已关联的账号可以登录。</p>
<p>这样登录的人在此没有密码：凡要求密码之处，如签署或授权，页面给出身份提供方的链接，在旁边的页面中重新验证本人（<code>prompt=login</code>，并核对
<code>auth_time</code>，至多早一分钟：提供方必须给出它）；验证后一分钟内可以签署一次。授权的操作在十分钟内有效；登录时提供方验证过本人的也算，仅凭浏览器放行的不算。
也可以为这样的账号生成邀请链接，由本人设置密码。</p>
<p>提供方只在每次登录时查询，其间不再查询：要立即收回访问，请在这里停用账号。提供方无应答时，密码登录照常。
提供方的证书若由您自己的证书颁发机构签发，请用 <code>-oidc-ca</code> 指定；其地址有变时，请重启服务器。</p>
<p><strong>角色。</strong> 账号有五种，权限写在同一张表里（permit.go）：
<code>dispatcher</code>（血站的）、<code>hospital</code>（病房的）、<code>controller</code>（飞行监控）、<code>quality</code>（查看全部、签署冷链记录、判定隔离的血袋）和 <code>admin</code>。
其他角色是其中一种的一部分：自带的有医院的 <code>requester</code> 和 <code>receiver</code>，血站的 <code>issuer</code> 和 <code>monitor</code>。
使用单位自己的角色来自 <code>-network</code> 目录中的 <code>roles.csv</code>，它取代自带的那些：</p>
<pre tabindex="0"><code>role,name_zh,name_en,like,only,without
stock_keeper,库管,stock keeper,dispatcher,signOut getNetwork listUnits listShelves moveUnits,moveUnits/discard
</code></pre>
<p><code>like</code> 是账号种类；<code>only</code> 列出保留的操作（空即全部），<code>without</code> 列出去掉的操作，都用 <a href="/api.yaml">API</a> 中的名称，一个名称代表其下各项。
任何角色的权限都不超过其种类。文件中有不存在的名称，<code>hemolift network check DIR</code> 会拒绝。一个账号可兼有同类单位的多个角色，其中任何一个允许的，
它都可以做。文件中已不再有的角色，不再给人任何权限。</p>
<p><strong>库存。</strong> 血站人员在 <em>库存</em> 页管理本站的血袋（<a href="/help/dispatcher#库存">调度员</a>）；程序用 <code>POST /units</code>，供应方的清单用 <code>POST /unit-lists</code>（CSV，
先用 <code>preview=true</code>）。</p>
<p><strong>日志。</strong> <em>日志</em> 页按人员、对象（血袋、配送、请求、设备、告警、账号）、类别和时间查询决定过、显示过和做过的一切，可保存为 CSV；程序用 <code>GET /audit</code>。</p>
<p><strong>设备。</strong> 每架无人机、每只运输箱各有自己的密钥（<a href="/help/devices">设备</a>）。管理员在 <em>人员</em> 旁边的 <em>设备</em> 页为设备生成注册码，在设备上输入或扫描：
设备凭此码领取密钥，仅一次，一小时内有效，旧密钥随即失效。页面写明每台设备的密钥自何时起有效、最近何时收到它的数据，
以及近期需要做什么。</p>
<p>每台设备有自己的页面：维护记录、飞行次数与飞行小时（运输箱为装箱的配送）、探头校准、停用时段。记录中写明的下次到期（日期或飞行小时）从到期前 30 天或
10 小时起在列表中警示；警示不阻止任何事：要让设备停在地面，请将其停用。记录不可更改；有误的须写明原因作废，仍保留可查。设备遗失或被盗时，
<em>收回密钥</em> 使其立即断开。一次飞行从无人机报告的起飞算到其后的降落。</p>
<p><strong>是否一切正常？</strong> <code>hemolift doctor</code> 使用与 <code>serve</code> 相同的参数，检查时钟、证书、文件、磁盘、记录及其结构、端口；
加上 <code>-backups DIR</code> 和 <code>-archive DIR</code> 则一并检查备份和归档。它不做任何更改；有严重问题时退出状态为 1。<code>-bundle FILE.zip</code> 写出协助排查者所需的内容：
检查结果、版本、设置和各表大小，不含患者、人员或密钥。<code>serve -log-json</code> 为每个事件记一行 JSON。deploy 中有 systemd 单元（服务器，
以及每夜的备份）、容器文件（未在本项目的测试中构建：测试环境没有镜像仓库）、bash 补全、Prometheus 的告警规则（Prometheus 用管理员的令牌读取 <code>/metrics</code>，
<code>&quot;only&quot;:[&quot;metrics&quot;]</code> 把令牌限于此）和 Grafana 仪表板。</p>
<p><strong>记录增长多快。</strong> 每次配送约 0.6 MB，含有设备飞行的每一秒的位置和温度：每天 20 次配送，每年 4 至 5 GB；十二架无人机昼夜飞行、每天 225 次配送，
每天 130 MB，每年 48 GB（演示，2026-11-28，按其时间 19 小时）。其中三分之二是位置。</p>
<p><strong>久远的采样</strong>在 90 天后压缩存放（<code>-compact-after 天数</code>；0 为从不；至少 14）：设备一小时内的采样成为记录中的一个压缩 CSV 文件，附 SHA-256。温度全部保留；
位置则保留到两点之间的直线与略去各点相差不超过 5 m（<code>-thin-within 米</code>；0 为全部保留）。略去的位置连同其电量、风等一并略去。页面、冷链记录和判定两者都读，备份的试恢复核对校验和，
损坏之处会说明，绝不当作温度读出。一天的采样只有在各小时文件所记的采样数与每台设备每小时的实有数一致后才会移除。演示的十小时（92 次配送，2026-11-29）含 103 734 个位置和 55 081 个温度：
27 MB，压缩后 2.8 MB，其中位置留 53 628 个；整个数据库由 51 MB 变为 27 MB。据此，每天 20 次配送，第一年 4 至 5 GB，以后每年约 2 GB。</p>
<p><strong>多年之后。</strong> 查找进行中的事项无须读取过往：记录中有一条繁忙航线的十年（一百万个请求、25 万次配送、五百万条日志）时，看板、请求和一轮规划所需时间与空记录时相同
（<code>make bench-years</code>）。服务器要求 PostgreSQL 每条语句只规划一次，且不用其编译器（<code>plan_cache_mode</code>、<code>jit</code>）；DATABASE_URL 不必另设。</p>
<p><strong>许多屏幕。</strong> 实时连接最多 10 000 个（<code>-viewers N</code>），每个约 16 kB；此后来者得到 503，直到有连接离开。每个账户最多 200 个。屏幕少时每 50 ms 一帧，多时至 200 ms。</p>
<p><strong>备份。</strong> 在另一块盘上保存两样东西，最好在另一台机器上：随写随存的数据库日志，和每夜一次的备份。</p>
<pre tabindex="0"><code>mkdir -p /backup/log                                                      # serve 不会创建它：磁盘可能尚未挂载
hemolift serve … -archive /backup/log                                     # 最多丢失约一秒
hemolift backup -to /backup -keep 14 -archive /backup/log                 # 每夜一次，由 cron 或 systemd 定时器执行
</code></pre>
<p><code>backup</code> 复制运行中服务器的记录，把副本试恢复到一个用后即弃的目录（其间需要再容纳一份记录的空间，位置由 <code>-trial-in DIR</code> 指定；
<code>-untried</code> 略去试恢复），并写明结果。全部顺利时退出状态为 0；不能恢复的副本改名为 <code>failed-…</code>。<code>-keep 14</code> 只留最近 14 份备份，删除更早的；
与 <code>-archive</code> 同用时，还删除这些备份都不需要的归档日志：每个归档只配一个备份目录。<code>-encrypt-to FILE</code> 按 <a href="https://age-encryption.org">age</a> 收件人加密；
此时由 <code>-identity FILE</code> 打开副本做试恢复。归档日志不由本程序加密：请放在加密的磁盘上。
<code>/metrics</code> 中的 <code>hemolift_archive_behind_seconds</code> 是归档缺少内容已有多久；原因见日志。归档磁盘不可用期间，服务器为它最多保留 2 GB；超过即出现缺口，
日志和恢复时都会说明，做一次新的备份即可补上。</p>
<p><strong>异地。</strong> 房屋失火之日，两块盘都在屋内。任何一处 S3 兼容的存储都可存放副本：</p>
<pre tabindex="0"><code>export AWS_ENDPOINT_URL=https://s3.example.org AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
hemolift offsite -place s3://BUCKET/hemolift -backups /backup -archive /backup/log -encrypt-to recipients.txt -keep 14   # 每小时
hemolift offsite -fetch -place s3://BUCKET/hemolift -backups /brought -archive /brought/log -identity key.txt           # 取回
</code></pre>
<p>它只发送那里还没有的内容，备份的说明最后发送，因此半份备份不算备份；最多丢失上次发送之后写入的内容。备份原样发送，数据库日志在途中按收件人加密；
没有 <code>-plain</code>，任何明文都不会发出，也不会发往没有 TLS 的地址。取回的内容与其说明比对，之后照常恢复。</p>
<p><strong>恢复。</strong> 恢复到没有记录的数据目录，可在本机，也可在另一台机器：</p>
<pre tabindex="0"><code>hemolift restore -from /backup -archive /backup/log -data /var/lib/hemolift/server        # 全部内容
hemolift restore -from /backup -archive /backup/log -until 2026-11-28T14:00:00Z …          # 某一时刻的状态
hemolift restore -from /backup -archive /backup/log -check                                # 演练：恢复到用后即弃的目录
</code></pre>
<p><code>-from</code> 是一份备份，或一个备份目录，后者取其中合用的最新一份。目录中已有记录、备份已损坏、归档属于另一份记录或有缺口，都会被拒绝；失败时不留下记录。
请以服务器所用的用户运行。恢复后所有人须重新登录，邀请均已失效；账号和密码与那一时刻相同：此后停用过的账号，请再次停用。然后照常 <code>hemolift serve</code>；
底图和证书是您自己的文件，须另行保存。每月演练一次，每次升级之后也演练一次。</p>
<p>每次恢复都使记录开始一个新分支，归档跟随此后投入运行的那一份。因此，只为查看而恢复的记录，绝不要配上真实记录的归档来运行：
记录不是来自最新分支的服务器，启动时会拒绝该归档，须换用空目录并做一次新的备份。</p>
<p>使用 <code>DATABASE_URL</code> 时，只要数据库托管方允许，<code>backup</code> 和 <code>-archive</code> 以具有 <code>REPLICATION</code> 的角色（设了 <code>DATABASE_OWNER_URL</code> 时，
用其中的角色）复制整个集群，不做试恢复；托管方不允许时，以及恢复时，请用其自带的工具：<code>base.tar.zst</code> 就是 <code>pg_basebackup</code> 所做的那种基础备份。</p>
<p><strong>网络。</strong> 地点、停机坪、机型、箱型、无人机、运输箱、长期空域和角色都是文件，格式见 dispatch/network，
dispatch/network/shenyang 是一个示例。在 <em>管理 · 网络</em> 页，管辖所有单位的管理员可在服务器运行中建立和更改它们：
填表或导入文件，查看变更，写明原因，然后启用。此后的规划和监看立即采用新网络，新设备加入实时推送。程序用 <code>GET</code> 和 <code>PUT /network/files</code> 做同样的事。
已在记录中而文件里没有的，仍然保留（要让它不再使用，请登记停用）；未列出的空域和角色则结束。正在执行的任务所依赖的，不得抽走，下列更改会被拒绝：
移动有无人机正飞往的地点；更改在外无人机的机型或所属血站；更改在用运输箱的箱型；更改有无人机在外的机型的参数；有任何飞行时更改海拔。
地点的类别、停机坪所属的地点、设备是无人机还是运输箱，永不更改。没有 <code>roles.csv</code> 时，角色保持不变。日志保留每个值的原来和现在。
空域的时间表在读入文件时展开到 400 天：请在此之前再次导入主管部门的文件，最好每月一次。</p>
<p><code>hemolift network check DIR</code> 按文件、行和列列出此类文件的每一处错误。<code>serve -network DIR</code> 启动时使记录与文件一致，除非上次载入的就是这些文件，
而此后有人改过网络。</p>
<p><strong>入口。</strong> <code>-tls-cert</code> 和 <code>-tls-key</code> 开启 HTTPS。<code>-mqtt-addr</code> 是设备入口；在本机回环地址之外，它使用同一证书的 TLS；
在任何地址都可以使用自己的证书（<code>-mqtt-tls-cert</code>、<code>-mqtt-tls-key</code>）。回环地址之外没有证书的入口会被拒绝；<code>-plain</code> 允许这样做，
例如前面有负责加密的代理。<code>/healthz</code> 和 <code>/readyz</code> 对所有人应答；具体哪里有问题，以及 <code>/metrics</code>（Prometheus），须有管理员的令牌。</p>
<p><strong>时钟。</strong> 服务器启动时取机器的时钟，此后按自己的时钟运行，机器时钟的跳变不会移动记录的时间。小的偏差以每秒 5 ms 跟随；
机器时钟快了一小时以内（如休眠之后），立即跟随。其他跳变都会告警：请校正机器时钟，或重启服务器。启动时刻早于记录的最后时刻，会被拒绝，并给出两个时刻；
<code>-clock-behind</code> 仍予启动。设备的时钟是佐证：设备报告的时间与服务器的时间并列保存；超前 30 s 以上或落后七天以上，不予接受。</p>
<p><strong>由使用单位决定的。</strong> 政策（如何选血、核对）和温度要求（如何判定血箱）都有版本，在 <em>政策与温度要求</em> 页：一人提出新版本并写明理由，质量人员凭密码批准或否决（提出者本人不能批准），
自所定时间起生效，无须重启（<a href="/help/quality#政策与温度要求">质量</a>）。内置的只是无人批准过的示例。<code>-policy FILE.csv</code> 和 <code>-profiles FILE.csv</code> 在启动时给服务器另一份：与上次启动所用的文件不同时
立即生效，在有人批准之前，页面注明无人批准。文件无法读取，或缺少某种箱型所用的温度要求，服务器不予启动。所有版本均保留。</p>
<p><code>hemolift qualify FILE.json...</code> 用服务器自身的函数重新计算向量文件（例如 <code>telemetry/coldchain/vectors/testdata/*.json</code> 和 <code>dispatch/label/testdata/*.json</code>）。
扫码遵循 ISBT 128，其产品描述表和机构表须经许可，不在本程序之内：使用单位须自行向 ICCBBA 注册。</p>
<p><strong>通知。</strong> <code>-notify you@example.org</code> 使服务器在页面之外也能通知医院人员：通过 Web Push，使用服务器自己的密钥对（首次启动时生成，保存在数据库中）；
以及通过 webhook，供医院自己的呼叫系统使用。不设此项，服务器除登录身份提供方（<code>-oidc-issuer</code>）外不呼叫任何人。它只访问公网的 https 地址；
<code>-notify-inside 10.1.0.0/16</code> 指定也可访问的您自己的网络，<code>-notify-ca FILE</code> 指定为这些网络签发证书的颁发机构。管理员设置医院的 webhook：</p>
<pre tabindex="0"><code>curl -fsS -X PUT $URL/api/v1/sites/SY06/webhook -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d \\
  &#39;{&quot;url&quot;:&quot;https://pager.example.org/hemolift&quot;}&#39;
</code></pre>
<p>答复中有一个密钥，只显示一次。发给 webhook 的内容带有 <code>Hemolift-Signature</code>：<code>v1=</code> 和以该密钥计算的正文 HMAC-SHA256。
<code>hemolift_notices_total</code> 统计已发送、失败和丢弃的数量。</p>
<p><strong>设备发来而未被接受的。</strong> <code>GET /api/v1/refused?device=BX-030</code> 向调度员、飞行监控、质量和管理员显示永远无法保存的内容，附有原因及其开头部分：
每台设备最近的一百条；重复发送的设备，每分钟最多增加六条。</p>
<p><strong>由程序管理库存。</strong> 用管理员或调度员的令牌添加血袋：</p>
<pre tabindex="0"><code>curl -fsS $URL/api/v1/units -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;units&quot;:[{&quot;key&quot;:
  {&quot;din&quot;:&quot;A999926123456&quot;,&quot;product_code&quot;:&quot;E0336V00&quot;},&quot;component&quot;:&quot;red_cells&quot;,&quot;blood_group&quot;:&quot;O+&quot;,&quot;mass_g&quot;:350,
  &quot;expires_at&quot;:&quot;2026-12-31T00:00:00Z&quot;,&quot;site&quot;:&quot;SYBC&quot;}]}&#39;
</code></pre>
<p>在容器中，请为 Postgres 配备能回收子进程的 init（<code>docker run --init</code>），否则被终止的 Postgres 会成为僵尸进程，使下次无法启动。</p>
`,sections:[{id:`运维`,title:`运维`,text:`


一个程序，一个数据目录。



![运行中的服务器的实时地图](../dispatcher.png)



    hemolift serve -network DIR -addr 0.0.0.0:8443 -tls-cert CERT.pem -tls-key KEY.pem



**记录。** \`serve\` 把一切保存在 \`-data\` 下的私有 PostgreSQL 中，或保存在 \`DATABASE_URL\` 指定的数据库中，
例如 \`DATABASE_URL=postgres://hemolift@db.example/hemolift\`。使用私有数据库时，服务器以一个不拥有任何对象的数据库角色运行：
对日志、交接、判定、采样和文件只能追加，不能更改或删除。使用您自己的数据库时，请建立两个数据库角色：



    CREATE ROLE hemolift_owner LOGIN PASSWORD '…'; CREATE ROLE hemolift_server LOGIN PASSWORD '…';
    CREATE DATABASE hemolift OWNER hemolift_owner;
    DATABASE_OWNER_URL=postgres://hemolift_owner:…@db.example/hemolift DATABASE_URL=postgres://hemolift_server:…@db.example/hemolift



服务器以所有者的身份升级结构，以另一个的身份工作；权限在每次启动时授予。只设 \`DATABASE_URL\` 时，用拥有该数据库的一个角色即可，但启动时会警告：
服务器出错时可能改动日志。语句和锁都有超时；私有数据库带校验和。磁盘写满时，\`/readyz\` 答复 503，需要写入的操作也以 503 拒绝，不会丢失。
私有 PostgreSQL 一旦终止，服务器打印一行后退出，不会在没有它的情况下继续运行。\`hemolift migrate\` 把数据库升级到最新结构，\`serve\` 启动时也会升级。
同一份记录同一时刻只由一个服务器作决定：第二个服务器等待 15 s 后被拒绝；失去该数据库连接的服务器立即退出。（这里用的是会话级咨询锁：
两者之间如有连接池，不得共用会话。）



**人员。** 首次启动时打印一个链接，\`admin\` 本人凭它设置密码，仅一次，48 小时内有效；以后只要没有任何管理员设过密码，每次启动都再打印一个。
链接中的监听地址请换成大家实际访问的服务器地址。管理员在 *管理 · 人员* 页添加账号（姓名、角色、所属医院或血站），并为每个账号得到一个链接，
只交给其本人。忘记密码的人，也用同一个按钮生成链接。账号停用，或更换角色、单位后，立即在所有地方退出登录，其链接也随即失效。唯一的管理员忘记密码时，
请用 \`-invite admin\` 启动一次 \`serve\`。有所属单位的管理员管理本单位的账号。在浏览器中管理账号，超过十分钟须再次输入密码。使用令牌时不再要求密码：
请像保管密码一样保管管理员的令牌。



    curl -fsS $URL/api/v1/accounts -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d \\
      '{"login":"li.na","name_zh":"李娜","name_en":"Li Na","role":"hospital","site":"SY06"}'



答复中是 \`/invitation#TOKEN\` 的令牌；没有页面的程序把它放在 \`POST /api/v1/invitation\` 的请求头 \`Invitation-Token\` 中，正文为 \`{"password":"…"}\`。重设密码的链接在使用之前，
旧密码仍然有效：密码被盗时请停用该账号。各人在 *我的登录* 中修改自己的密码：至少 12 个字符，且不能是容易被猜到的。



**通行密钥。** 给出 \`-page https://blood.example\`（浏览器所见的服务器地址）后，各人可以用通行密钥登录：手机、电脑或安全密钥上的指纹、面容或 PIN。各人在
*我的登录* 中添加和移除自己的通行密钥。需要再次输入密码的操作也可用它确认；签署记录仍要求密码。由身份提供方决定角色的人在这里不能有通行密钥。通行密钥属于地址中的名称：更换名称后须全部重新添加。
重设密码的链接一经使用，该账号的通行密钥全部失效。



**统一身份认证。** 除密码外，还可以通过 OpenID Connect 身份提供方（Keycloak、Entra ID、医院自建的）登录：



    hemolift serve … -oidc-issuer https://id.hospital.example/realms/blood -oidc-client hemolift -oidc-secret /etc/hemolift/oidc-secret \\
      -page https://blood.example -oidc-name 'Hospital account' -oidc-claim groups -oidc-roles /etc/hemolift/oidc-roles.csv



在身份提供方登记一个使用授权码流程的 Web 客户端，回调地址为 \`https://blood.example/auth/callback\`，
并让提供方给出上述声明（在令牌中或在 userinfo 中）。角色文件写明声明的每个取值在这里是什么，列为 \`value,role,site\`：



    value,role,site
    blood-dispatch,dispatcher,SYBC
    ward-6,requester,SY06
    ward-6,receiver,SY06
    quality,quality,



有此类取值的人，首次登录时获得账号，以后每次登录都取得文件当时给出的角色；取值分属两个单位的，或没有任何取值的，不能登录。
身份由提供方的 issuer 和 subject 认定：这里已有账号的名称不会给别人。该账号的本人先用密码登录，十分钟之内在 *我的登录* 中关联二者；
这样的账号保留它在这里的角色。没有 \`-oidc-roles\` 时，只有已关联的账号可以登录。



这样登录的人在此没有密码：凡要求密码之处，如签署或授权，页面给出身份提供方的链接，在旁边的页面中重新验证本人（\`prompt=login\`，并核对
\`auth_time\`，至多早一分钟：提供方必须给出它）；验证后一分钟内可以签署一次。授权的操作在十分钟内有效；登录时提供方验证过本人的也算，仅凭浏览器放行的不算。
也可以为这样的账号生成邀请链接，由本人设置密码。



提供方只在每次登录时查询，其间不再查询：要立即收回访问，请在这里停用账号。提供方无应答时，密码登录照常。
提供方的证书若由您自己的证书颁发机构签发，请用 \`-oidc-ca\` 指定；其地址有变时，请重启服务器。



**角色。** 账号有五种，权限写在同一张表里（[permit.go](../../dispatch/delivery/permit.go)）：
\`dispatcher\`（血站的）、\`hospital\`（病房的）、\`controller\`（飞行监控）、\`quality\`（查看全部、签署冷链记录、判定隔离的血袋）和 \`admin\`。
其他角色是其中一种的一部分：自带的有医院的 \`requester\` 和 \`receiver\`，血站的 \`issuer\` 和 \`monitor\`。
使用单位自己的角色来自 \`-network\` 目录中的 \`roles.csv\`，它取代自带的那些：



    role,name_zh,name_en,like,only,without
    stock_keeper,库管,stock keeper,dispatcher,signOut getNetwork listUnits listShelves moveUnits,moveUnits/discard



\`like\` 是账号种类；\`only\` 列出保留的操作（空即全部），\`without\` 列出去掉的操作，都用 [API](../../web/api.yaml) 中的名称，一个名称代表其下各项。
任何角色的权限都不超过其种类。文件中有不存在的名称，\`hemolift network check DIR\` 会拒绝。一个账号可兼有同类单位的多个角色，其中任何一个允许的，
它都可以做。文件中已不再有的角色，不再给人任何权限。



**库存。** 血站人员在 *库存* 页管理本站的血袋（[调度员](dispatcher.md#库存)）；程序用 \`POST /units\`，供应方的清单用 \`POST /unit-lists\`（CSV，
先用 \`preview=true\`）。



**日志。** *日志* 页按人员、对象（血袋、配送、请求、设备、告警、账号）、类别和时间查询决定过、显示过和做过的一切，可保存为 CSV；程序用 \`GET /audit\`。



**设备。** 每架无人机、每只运输箱各有自己的密钥（[设备](devices.md)）。管理员在 *人员* 旁边的 *设备* 页为设备生成注册码，在设备上输入或扫描：
设备凭此码领取密钥，仅一次，一小时内有效，旧密钥随即失效。页面写明每台设备的密钥自何时起有效、最近何时收到它的数据，
以及近期需要做什么。



每台设备有自己的页面：维护记录、飞行次数与飞行小时（运输箱为装箱的配送）、探头校准、停用时段。记录中写明的下次到期（日期或飞行小时）从到期前 30 天或
10 小时起在列表中警示；警示不阻止任何事：要让设备停在地面，请将其停用。记录不可更改；有误的须写明原因作废，仍保留可查。设备遗失或被盗时，
*收回密钥* 使其立即断开。一次飞行从无人机报告的起飞算到其后的降落。



**是否一切正常？** \`hemolift doctor\` 使用与 \`serve\` 相同的参数，检查时钟、证书、文件、磁盘、记录及其结构、端口；
加上 \`-backups DIR\` 和 \`-archive DIR\` 则一并检查备份和归档。它不做任何更改；有严重问题时退出状态为 1。\`-bundle FILE.zip\` 写出协助排查者所需的内容：
检查结果、版本、设置和各表大小，不含患者、人员或密钥。\`serve -log-json\` 为每个事件记一行 JSON。[deploy](../deploy) 中有 systemd 单元（服务器，
以及每夜的备份）、容器文件（未在本项目的测试中构建：测试环境没有镜像仓库）、bash 补全、Prometheus 的告警规则（Prometheus 用管理员的令牌读取 \`/metrics\`，
\`"only":["metrics"]\` 把令牌限于此）和 Grafana 仪表板。



**记录增长多快。** 每次配送约 0.6 MB，含有设备飞行的每一秒的位置和温度：每天 20 次配送，每年 4 至 5 GB；十二架无人机昼夜飞行、每天 225 次配送，
每天 130 MB，每年 48 GB（演示，2026-11-28，按其时间 19 小时）。其中三分之二是位置。



**久远的采样**在 90 天后压缩存放（\`-compact-after 天数\`；0 为从不；至少 14）：设备一小时内的采样成为记录中的一个压缩 CSV 文件，附 SHA-256。温度全部保留；
位置则保留到两点之间的直线与略去各点相差不超过 5 m（\`-thin-within 米\`；0 为全部保留）。略去的位置连同其电量、风等一并略去。页面、冷链记录和判定两者都读，备份的试恢复核对校验和，
损坏之处会说明，绝不当作温度读出。一天的采样只有在各小时文件所记的采样数与每台设备每小时的实有数一致后才会移除。演示的十小时（92 次配送，2026-11-29）含 103 734 个位置和 55 081 个温度：
27 MB，压缩后 2.8 MB，其中位置留 53 628 个；整个数据库由 51 MB 变为 27 MB。据此，每天 20 次配送，第一年 4 至 5 GB，以后每年约 2 GB。



**多年之后。** 查找进行中的事项无须读取过往：记录中有一条繁忙航线的十年（一百万个请求、25 万次配送、五百万条日志）时，看板、请求和一轮规划所需时间与空记录时相同
（\`make bench-years\`）。服务器要求 PostgreSQL 每条语句只规划一次，且不用其编译器（\`plan_cache_mode\`、\`jit\`）；DATABASE_URL 不必另设。



**许多屏幕。** 实时连接最多 10 000 个（\`-viewers N\`），每个约 16 kB；此后来者得到 503，直到有连接离开。每个账户最多 200 个。屏幕少时每 50 ms 一帧，多时至 200 ms。



**备份。** 在另一块盘上保存两样东西，最好在另一台机器上：随写随存的数据库日志，和每夜一次的备份。



    mkdir -p /backup/log                                                      # serve 不会创建它：磁盘可能尚未挂载
    hemolift serve … -archive /backup/log                                     # 最多丢失约一秒
    hemolift backup -to /backup -keep 14 -archive /backup/log                 # 每夜一次，由 cron 或 systemd 定时器执行



\`backup\` 复制运行中服务器的记录，把副本试恢复到一个用后即弃的目录（其间需要再容纳一份记录的空间，位置由 \`-trial-in DIR\` 指定；
\`-untried\` 略去试恢复），并写明结果。全部顺利时退出状态为 0；不能恢复的副本改名为 \`failed-…\`。\`-keep 14\` 只留最近 14 份备份，删除更早的；
与 \`-archive\` 同用时，还删除这些备份都不需要的归档日志：每个归档只配一个备份目录。\`-encrypt-to FILE\` 按 [age](https://age-encryption.org) 收件人加密；
此时由 \`-identity FILE\` 打开副本做试恢复。归档日志不由本程序加密：请放在加密的磁盘上。
\`/metrics\` 中的 \`hemolift_archive_behind_seconds\` 是归档缺少内容已有多久；原因见日志。归档磁盘不可用期间，服务器为它最多保留 2 GB；超过即出现缺口，
日志和恢复时都会说明，做一次新的备份即可补上。



**异地。** 房屋失火之日，两块盘都在屋内。任何一处 S3 兼容的存储都可存放副本：



    export AWS_ENDPOINT_URL=https://s3.example.org AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
    hemolift offsite -place s3://BUCKET/hemolift -backups /backup -archive /backup/log -encrypt-to recipients.txt -keep 14   # 每小时
    hemolift offsite -fetch -place s3://BUCKET/hemolift -backups /brought -archive /brought/log -identity key.txt           # 取回



它只发送那里还没有的内容，备份的说明最后发送，因此半份备份不算备份；最多丢失上次发送之后写入的内容。备份原样发送，数据库日志在途中按收件人加密；
没有 \`-plain\`，任何明文都不会发出，也不会发往没有 TLS 的地址。取回的内容与其说明比对，之后照常恢复。



**恢复。** 恢复到没有记录的数据目录，可在本机，也可在另一台机器：



    hemolift restore -from /backup -archive /backup/log -data /var/lib/hemolift/server        # 全部内容
    hemolift restore -from /backup -archive /backup/log -until 2026-11-28T14:00:00Z …          # 某一时刻的状态
    hemolift restore -from /backup -archive /backup/log -check                                # 演练：恢复到用后即弃的目录



\`-from\` 是一份备份，或一个备份目录，后者取其中合用的最新一份。目录中已有记录、备份已损坏、归档属于另一份记录或有缺口，都会被拒绝；失败时不留下记录。
请以服务器所用的用户运行。恢复后所有人须重新登录，邀请均已失效；账号和密码与那一时刻相同：此后停用过的账号，请再次停用。然后照常 \`hemolift serve\`；
底图和证书是您自己的文件，须另行保存。每月演练一次，每次升级之后也演练一次。



每次恢复都使记录开始一个新分支，归档跟随此后投入运行的那一份。因此，只为查看而恢复的记录，绝不要配上真实记录的归档来运行：
记录不是来自最新分支的服务器，启动时会拒绝该归档，须换用空目录并做一次新的备份。



使用 \`DATABASE_URL\` 时，只要数据库托管方允许，\`backup\` 和 \`-archive\` 以具有 \`REPLICATION\` 的角色（设了 \`DATABASE_OWNER_URL\` 时，
用其中的角色）复制整个集群，不做试恢复；托管方不允许时，以及恢复时，请用其自带的工具：\`base.tar.zst\` 就是 \`pg_basebackup\` 所做的那种基础备份。



**网络。** 地点、停机坪、机型、箱型、无人机、运输箱、长期空域和角色都是文件，格式见 [dispatch/network](../../dispatch/network/doc.go)，
[dispatch/network/shenyang](../../dispatch/network/shenyang) 是一个示例。在 *管理 · 网络* 页，管辖所有单位的管理员可在服务器运行中建立和更改它们：
填表或导入文件，查看变更，写明原因，然后启用。此后的规划和监看立即采用新网络，新设备加入实时推送。程序用 \`GET\` 和 \`PUT /network/files\` 做同样的事。
已在记录中而文件里没有的，仍然保留（要让它不再使用，请登记停用）；未列出的空域和角色则结束。正在执行的任务所依赖的，不得抽走，下列更改会被拒绝：
移动有无人机正飞往的地点；更改在外无人机的机型或所属血站；更改在用运输箱的箱型；更改有无人机在外的机型的参数；有任何飞行时更改海拔。
地点的类别、停机坪所属的地点、设备是无人机还是运输箱，永不更改。没有 \`roles.csv\` 时，角色保持不变。日志保留每个值的原来和现在。
空域的时间表在读入文件时展开到 400 天：请在此之前再次导入主管部门的文件，最好每月一次。



\`hemolift network check DIR\` 按文件、行和列列出此类文件的每一处错误。\`serve -network DIR\` 启动时使记录与文件一致，除非上次载入的就是这些文件，
而此后有人改过网络。



**入口。** \`-tls-cert\` 和 \`-tls-key\` 开启 HTTPS。\`-mqtt-addr\` 是设备入口；在本机回环地址之外，它使用同一证书的 TLS；
在任何地址都可以使用自己的证书（\`-mqtt-tls-cert\`、\`-mqtt-tls-key\`）。回环地址之外没有证书的入口会被拒绝；\`-plain\` 允许这样做，
例如前面有负责加密的代理。\`/healthz\` 和 \`/readyz\` 对所有人应答；具体哪里有问题，以及 \`/metrics\`（Prometheus），须有管理员的令牌。



**时钟。** 服务器启动时取机器的时钟，此后按自己的时钟运行，机器时钟的跳变不会移动记录的时间。小的偏差以每秒 5 ms 跟随；
机器时钟快了一小时以内（如休眠之后），立即跟随。其他跳变都会告警：请校正机器时钟，或重启服务器。启动时刻早于记录的最后时刻，会被拒绝，并给出两个时刻；
\`-clock-behind\` 仍予启动。设备的时钟是佐证：设备报告的时间与服务器的时间并列保存；超前 30 s 以上或落后七天以上，不予接受。



**由使用单位决定的。** 政策（如何选血、核对）和温度要求（如何判定血箱）都有版本，在 *政策与温度要求* 页：一人提出新版本并写明理由，质量人员凭密码批准或否决（提出者本人不能批准），
自所定时间起生效，无须重启（[质量](quality.md#政策与温度要求)）。内置的只是无人批准过的示例。\`-policy FILE.csv\` 和 \`-profiles FILE.csv\` 在启动时给服务器另一份：与上次启动所用的文件不同时
立即生效，在有人批准之前，页面注明无人批准。文件无法读取，或缺少某种箱型所用的温度要求，服务器不予启动。所有版本均保留。



\`hemolift qualify FILE.json...\` 用服务器自身的函数重新计算向量文件（例如 \`telemetry/coldchain/vectors/testdata/*.json\` 和 \`dispatch/label/testdata/*.json\`）。
扫码遵循 ISBT 128，其产品描述表和机构表须经许可，不在本程序之内：使用单位须自行向 ICCBBA 注册。



**通知。** \`-notify you@example.org\` 使服务器在页面之外也能通知医院人员：通过 Web Push，使用服务器自己的密钥对（首次启动时生成，保存在数据库中）；
以及通过 webhook，供医院自己的呼叫系统使用。不设此项，服务器除登录身份提供方（\`-oidc-issuer\`）外不呼叫任何人。它只访问公网的 https 地址；
\`-notify-inside 10.1.0.0/16\` 指定也可访问的您自己的网络，\`-notify-ca FILE\` 指定为这些网络签发证书的颁发机构。管理员设置医院的 webhook：



    curl -fsS -X PUT $URL/api/v1/sites/SY06/webhook -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d \\
      '{"url":"https://pager.example.org/hemolift"}'



答复中有一个密钥，只显示一次。发给 webhook 的内容带有 \`Hemolift-Signature\`：\`v1=\` 和以该密钥计算的正文 HMAC-SHA256。
\`hemolift_notices_total\` 统计已发送、失败和丢弃的数量。



**设备发来而未被接受的。** \`GET /api/v1/refused?device=BX-030\` 向调度员、飞行监控、质量和管理员显示永远无法保存的内容，附有原因及其开头部分：
每台设备最近的一百条；重复发送的设备，每分钟最多增加六条。



**由程序管理库存。** 用管理员或调度员的令牌添加血袋：



    curl -fsS $URL/api/v1/units -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"units":[{"key":
      {"din":"A999926123456","product_code":"E0336V00"},"component":"red_cells","blood_group":"O+","mass_g":350,
      "expires_at":"2026-12-31T00:00:00Z","site":"SYBC"}]}'



在容器中，请为 Postgres 配备能回收子进程的 init（\`docker run --init\`），否则被终止的 Postgres 会成为僵尸进程，使下次无法启动。

`}]},{name:`devices`,title:`设备`,html:`<h1 id="设备">设备</h1>
<p>无人机和运输箱用 MQTT 3.1.1 或 5 与 Hemolift 内置的消息代理通信。每台设备有自己的凭据：设备编号 <strong>既是用户名，也是客户端 ID</strong>，
密码是管理员生成的密钥：</p>
<pre tabindex="0"><code>curl -X POST -H &quot;Authorization: Bearer $TOKEN&quot; http://127.0.0.1:8080/api/v1/devices/BX-030/secret
</code></pre>
<p>答复中密钥只显示一次；设备的旧密钥随即失效。也可以由设备自己领取，这样无人看到密钥：
管理员在 <em>设备</em> 页生成注册码（或用 <code>POST /api/v1/devices/BX-030/enrolment</code>），仅一次，一小时内有效，设备发送：</p>
<pre tabindex="0"><code>curl -X POST -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;device&quot;:&quot;BX-030&quot;,&quot;code&quot;:&quot;ABCDE-FGH23&quot;}&#39; http://127.0.0.1:8080/api/v1/enrolment
</code></pre>
<p>该页也把注册码显示为二维码，内容为 <code>{&quot;enrol&quot;:&quot;http://127.0.0.1:8080/api/v1/enrolment&quot;,&quot;device&quot;:&quot;BX-030&quot;,&quot;code&quot;:&quot;ABCDE-FGH23&quot;}</code>，供设备扫描。密钥被更换或收回的设备立即断开。</p>
<p>在本机回环地址上，设备入口用明文；在其之外用 TLS（<a href="/help/operator">运维</a>）；一个端口只用其中一种。设备的时钟误差须在 30 s 以内；
2000 至 2099 年之外的时间不算时间，不予接受。</p>
<p>连接须在十秒内发出 CONNECT；静默超过保活时间的一倍半，连接即被关闭。未要求保活，或要求超过 300 s 的，按 300 s 计。</p>
<h2 id="主题">主题</h2>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>主题</th>
<th>方向</th>
<th>谁</th>
<th>消息内容</th>
</tr>
</thead>
<tbody><tr>
<td><code>hl/v1/&lt;drone&gt;/pos</code></td>
<td>上行</td>
<td>无人机</td>
<td>位置</td>
</tr>
<tr>
<td><code>hl/v1/&lt;box&gt;/temp</code></td>
<td>上行</td>
<td>运输箱</td>
<td>温度</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/status</code></td>
<td>上行</td>
<td>无人机</td>
<td>飞行阶段，有变化时及重启后发送</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/ack</code></td>
<td>上行</td>
<td>无人机</td>
<td>对指令的答复</td>
</tr>
<tr>
<td><code>hl/v1/&lt;drone&gt;/cmd</code></td>
<td>下行</td>
<td>无人机</td>
<td>指令</td>
</tr>
<tr>
<td><code>hl/v1/&lt;device&gt;/refused</code></td>
<td>下行</td>
<td>任何设备</td>
<td>某条消息错在哪里</td>
</tr>
<tr>
<td><code>hl/v1/clock</code></td>
<td>下行</td>
<td>任何设备</td>
<td>服务器时间，每秒一次</td>
</tr>
</tbody></table></div>
<p>设备只能发布和订阅自己的主题；其他一律拒绝并计数。遗嘱消息同样拒绝。</p>
<p>请以 QoS 1 发布。<strong>PUBACK 表示已提交到数据库</strong>，<code>refused</code> 主题所告知的除外：数组中一条报告有错，只损失这一条；无法读取的消息也会得到确认，
因为重发无用。该主题的消息含 <code>reason</code>、<code>count</code> 和最多 50 个 <code>samples</code>，每个写明其在数组中的 <code>index</code> 和原因。被拒绝的内容按原样保留，
每台设备最近的一百条，供运维人员查看（<code>GET /refused</code>）。连接关闭而未收到 PUBACK 时，请重发：重复送达不改变任何内容，因为采样以设备、时间和序号识别。</p>
<p>设备不必等到一个 PUBACK 才发下一条消息：一个连接可有 256 条或 1 MB 的消息在途，按到达顺序确认。超过时，在最早的一条提交之前，服务器不再读取该连接。
（MQTT 5：receive maximum 为 256。）</p>
<p>一条消息是一个对象，或最多 1000 个对象的数组（ack 不能是数组）；最大 256 kB。整数可以按 JSON 的任何数字写法：<code>4200</code>、<code>4200.0</code> 和 <code>4.2e3</code> 相同。
每条报告都有：</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>字段</th>
<th>含义</th>
</tr>
</thead>
<tbody><tr>
<td><code>seq</code></td>
<td>序号，在设备的整个寿命期内递增，所有主题共用</td>
</tr>
<tr>
<td><code>t</code></td>
<td>设备时间，自 Unix 纪元起的毫秒数；最多比服务器超前 30 s、落后 7 天</td>
</tr>
</tbody></table></div>
<p>请跟随服务器的时钟：<code>hl/v1/clock</code> 上的 <code>{&quot;t&quot;: 1767225600000, &quot;rate&quot;: 1}</code>，其中 <code>rate</code> 是一秒内服务器时间走过的秒数（演示之外均为 1）。</p>
<h3 id="多少多频繁">多少，多频繁</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>每台设备</th>
<th>每秒</th>
<th>静默之后一次可发</th>
</tr>
</thead>
<tbody><tr>
<td>消息</td>
<td>200</td>
<td>2,000</td>
</tr>
<tr>
<td>字节</td>
<td>256 kB</td>
<td>48 MB</td>
</tr>
<tr>
<td>采样</td>
<td>50</td>
<td>200,000</td>
</tr>
<tr>
<td>连接</td>
<td>每 2 s 一次</td>
<td>20</td>
</tr>
</tbody></table></div>
<p>设备超出限额即被减速。连续被减速 20 s，或须等待超过 2 s 的，连接被断开，并在调度台告警（<code>over_quota</code>），5 s 后可再次连接；未得到确认的须重发。
积压一天的数据，按每批一百个采样或更多，可一次发完。<code>-device-quota</code> 按倍数调整此表。同一地址三次密钥错误之后，每次答复等待更久，最长 5 s；
密钥正确的立即放行。</p>
<h3 id="位置">位置</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>字段</th>
<th>单位、范围</th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td><code>lon</code>、<code>lat</code></td>
<td>度，WGS 84</td>
<td>必填</td>
</tr>
<tr>
<td><code>alt_m</code></td>
<td>平均海平面以上的高度，m，-450 至 9000；显示的高度以第一个血站的地面为准（其地点的 <code>elevation_m</code>）</td>
<td>必填</td>
</tr>
<tr>
<td><code>speed_mps</code></td>
<td>地速，m/s，0 至 120</td>
<td>必填</td>
</tr>
<tr>
<td><code>track_deg</code></td>
<td>航迹角（真北），度，0 至 360</td>
<td>必填</td>
</tr>
<tr>
<td><code>battery_pct</code></td>
<td>0 至 100</td>
<td>必填</td>
</tr>
<tr>
<td><code>climb_mps</code></td>
<td>m/s</td>
<td>−50 至 50</td>
</tr>
<tr>
<td><code>link_dbm</code></td>
<td>dBm</td>
<td>−200 至 50</td>
</tr>
<tr>
<td><code>wind_mps</code>、<code>wind_from_deg</code></td>
<td>无人机的估计，风的来向</td>
<td>不超过 80 m/s</td>
</tr>
</tbody></table></div>
<p>空中每秒报告一次，地面至少每 5 s 一次。静默 10 s 后视为失去链路。</p>
<h3 id="温度">温度</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>字段</th>
<th>单位</th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td><code>temp_mc</code></td>
<td>载荷探头的温度，千分之一摄氏度，−200,000 至 100,000</td>
<td>必填，有 <code>fault</code> 时除外</td>
</tr>
<tr>
<td><code>temp2_mc</code></td>
<td>第二探头的温度，千分之一摄氏度；较暖的一个与上限比较，较冷的一个与下限比较</td>
<td></td>
</tr>
<tr>
<td><code>ambient_mc</code></td>
<td>环境温度，千分之一摄氏度</td>
<td></td>
</tr>
<tr>
<td><code>lid</code></td>
<td>箱盖打开时为 true</td>
<td></td>
</tr>
<tr>
<td><code>fault</code></td>
<td>传感器不可信时为 true</td>
<td></td>
</tr>
</tbody></table></div>
<p>在用期间请一直报告，运输箱才会被选入方案；自装箱起，按其温度要求的间隔报告（红细胞 15 s）。静默达 4 个间隔后，箱子显示 <em>无数据</em>，绝不显示 <em>合格</em>。</p>
<h3 id="状态">状态</h3>
<p><code>{&quot;seq&quot;:8,&quot;t&quot;:1767225600000,&quot;state&quot;:&quot;airborne&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0}</code>，其中 <code>state</code> 是下列之一：
<code>parked</code>（在基地）、<code>airborne</code>、<code>holding</code>、<code>returning</code>、<code>landing</code>（收到 <code>land</code> 后就地降落中）、<code>landed</code>（已降落，不在基地）。</p>
<h3 id="指令">指令</h3>
<pre tabindex="0"><code>{&quot;id&quot;:12,&quot;kind&quot;:&quot;mission&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0,&quot;legs&quot;:[[[123.497,41.706],[123.395,41.769]],[…]],&quot;height_m&quot;:120,&quot;cruise_mps&quot;:14,&quot;expires&quot;:1767225660000}
{&quot;id&quot;:13,&quot;kind&quot;:&quot;release&quot;,&quot;mission&quot;:&quot;M-1122-0001&quot;,&quot;leg&quot;:0,&quot;plan_hash&quot;:&quot;…&quot;,&quot;expires&quot;:…}
</code></pre>
<p>任务的 <code>legs[0]</code> 飞往医院，<code>legs[1]</code> 返回基地；放行的 <code>leg</code> 说明飞哪一段。没有任务时，状态中不写 <code>mission</code> 和 <code>leg</code>。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>种类</th>
<th>应做</th>
</tr>
</thead>
<tbody><tr>
<td><code>mission</code></td>
<td>保存计划；答复其哈希。放行起飞之前，哈希与批准的计划核对</td>
</tr>
<tr>
<td><code>release</code></td>
<td>起飞并飞完这一段，从停机坪到停机坪；所存计划的哈希不是 <code>plan_hash</code> 时拒绝。一离地就报告 <code>airborne</code>：接受放行后 30 s 仍为 <code>parked</code> 的，会再收到一次放行，<code>id</code> 为新的</td>
</tr>
<tr>
<td><code>hold</code>、<code>resume</code></td>
<td>停止并悬停；继续</td>
</tr>
<tr>
<td><code>return</code></td>
<td>放弃这一段，按 <code>legs[0]</code> 飞回基地</td>
</tr>
<tr>
<td><code>reroute</code></td>
<td>以 <code>legs[0]</code> 代替这一段的剩余部分，悬停或返航中也一样：飞往这一段的目标；或飞往更紧急请求的目标，此后无人机停在停机坪上时，会收到含由该处返回基地航线的 <code>mission</code>；或飞往备降点，并停在那里。第一个点是最近收到的无人机位置，因此直接飞向第二个点；降落在基地以外任何地方，状态都是 <code>landed</code></td>
</tr>
<tr>
<td><code>land</code></td>
<td>就地降落，最后手段：由两人下令；下降途中仍服从 <code>hold</code>、<code>return</code> 和 <code>reroute</code></td>
</tr>
</tbody></table></div>
<p>在 ack 主题上答复：<code>{&quot;t&quot;:…,&quot;id&quot;:12,&quot;ok&quot;:true,&quot;hash&quot;:&quot;…&quot;}</code>，或带 <code>reason</code> 的 <code>&quot;ok&quot;:false</code>。指令在得到答复或到期之前会重复发来：每个 <code>id</code> 只执行一次，
重复收到时给出同样的答复。</p>
<p>哈希是以下各行的 SHA-256，小写十六进制，每行以换行符结尾：<code>h</code> 和以 mm 计的高度，<code>v</code> 和以 mm/s 计的速度，然后每个航点一行：航段序号、经度和纬度，
以 1e-7 度为单位，各项之间一个空格：</p>
<pre tabindex="0"><code>h 120000
v 14000
0 1234970000 417060000
</code></pre>
<h2 id="试一试">试一试</h2>
<p>先运行演示（它会打印 MQTT 地址和各账号的密码），并安装 Debian 的 <code>mosquitto-clients</code> 中的 <code>mosquitto_pub</code>：</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080 PASSWORD=… PORT=…
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; -d &quot;{\\&quot;login\\&quot;:\\&quot;admin\\&quot;,\\&quot;password\\&quot;:\\&quot;$PASSWORD\\&quot;}&quot; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
SECRET=$(curl -s -X POST -H &quot;Authorization: Bearer $TOKEN&quot; $URL/api/v1/devices/BX-030/secret | sed &#39;s/.*&quot;secret&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
NOW=$(curl -s -H &quot;Authorization: Bearer $TOKEN&quot; $URL/api/v1/board | sed &#39;s/.*&quot;now&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
mosquitto_pub -h 127.0.0.1 -p $PORT -q 1 -i BX-030 -u BX-030 -P $SECRET -t hl/v1/BX-030/temp \\
  -m &quot;{\\&quot;seq\\&quot;:1,\\&quot;t\\&quot;:$(date -d $NOW +%s)000,\\&quot;temp_mc\\&quot;:-185000,\\&quot;ambient_mc\\&quot;:21000}&quot;

curl -s -H &quot;Authorization: Bearer $TOKEN&quot; $URL/metrics | grep hemolift_device
</code></pre>
<p><code>hemolift_device_samples_total{topic=&quot;temp&quot;}</code> 增加了一，其余是模拟运输箱的；消息有错时增加的是 <code>hemolift_device_refused_total</code>，
可用 <code>curl -s -H &quot;Authorization: Bearer $TOKEN&quot; &quot;$URL/api/v1/refused?device=BX-030&quot;</code> 查到，
并在 <code>refused</code> 主题上告知设备自己的连接（mosquitto_pub 不接收，同一客户端 ID 的第二个客户端会取代它）。
<code>-mqtt-addr 127.0.0.1:1883</code> 使演示的设备入口使用固定端口。</p>
<p>（BX-030 是模拟机组从不使用的运输箱；更换其密钥后，它就脱离了模拟，模拟中的 BX-030 此后被拒绝：
<code>hemolift_device_refused_total{reason=&quot;bad credential&quot;}</code> 会自行增加。）</p>
`,sections:[{id:`设备`,title:`设备`,text:`


无人机和运输箱用 MQTT 3.1.1 或 5 与 Hemolift 内置的消息代理通信。每台设备有自己的凭据：设备编号 **既是用户名，也是客户端 ID**，
密码是管理员生成的密钥：



    curl -X POST -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/v1/devices/BX-030/secret



答复中密钥只显示一次；设备的旧密钥随即失效。也可以由设备自己领取，这样无人看到密钥：
管理员在 *设备* 页生成注册码（或用 \`POST /api/v1/devices/BX-030/enrolment\`），仅一次，一小时内有效，设备发送：



    curl -X POST -H 'Content-Type: application/json' -d '{"device":"BX-030","code":"ABCDE-FGH23"}' http://127.0.0.1:8080/api/v1/enrolment



该页也把注册码显示为二维码，内容为 \`{"enrol":"http://127.0.0.1:8080/api/v1/enrolment","device":"BX-030","code":"ABCDE-FGH23"}\`，供设备扫描。密钥被更换或收回的设备立即断开。



在本机回环地址上，设备入口用明文；在其之外用 TLS（[运维](operator.md)）；一个端口只用其中一种。设备的时钟误差须在 30 s 以内；
2000 至 2099 年之外的时间不算时间，不予接受。



连接须在十秒内发出 CONNECT；静默超过保活时间的一倍半，连接即被关闭。未要求保活，或要求超过 300 s 的，按 300 s 计。



`},{id:`主题`,title:`主题`,text:`


| 主题 | 方向 | 谁 | 消息内容 |
|---|---|---|---|
| \`hl/v1/<drone>/pos\` | 上行 | 无人机 | 位置 |
| \`hl/v1/<box>/temp\` | 上行 | 运输箱 | 温度 |
| \`hl/v1/<drone>/status\` | 上行 | 无人机 | 飞行阶段，有变化时及重启后发送 |
| \`hl/v1/<drone>/ack\` | 上行 | 无人机 | 对指令的答复 |
| \`hl/v1/<drone>/cmd\` | 下行 | 无人机 | 指令 |
| \`hl/v1/<device>/refused\` | 下行 | 任何设备 | 某条消息错在哪里 |
| \`hl/v1/clock\` | 下行 | 任何设备 | 服务器时间，每秒一次 |



设备只能发布和订阅自己的主题；其他一律拒绝并计数。遗嘱消息同样拒绝。



请以 QoS 1 发布。**PUBACK 表示已提交到数据库**，\`refused\` 主题所告知的除外：数组中一条报告有错，只损失这一条；无法读取的消息也会得到确认，
因为重发无用。该主题的消息含 \`reason\`、\`count\` 和最多 50 个 \`samples\`，每个写明其在数组中的 \`index\` 和原因。被拒绝的内容按原样保留，
每台设备最近的一百条，供运维人员查看（\`GET /refused\`）。连接关闭而未收到 PUBACK 时，请重发：重复送达不改变任何内容，因为采样以设备、时间和序号识别。



设备不必等到一个 PUBACK 才发下一条消息：一个连接可有 256 条或 1 MB 的消息在途，按到达顺序确认。超过时，在最早的一条提交之前，服务器不再读取该连接。
（MQTT 5：receive maximum 为 256。）



一条消息是一个对象，或最多 1000 个对象的数组（ack 不能是数组）；最大 256 kB。整数可以按 JSON 的任何数字写法：\`4200\`、\`4200.0\` 和 \`4.2e3\` 相同。
每条报告都有：



| 字段 | 含义 |
|---|---|
| \`seq\` | 序号，在设备的整个寿命期内递增，所有主题共用 |
| \`t\` | 设备时间，自 Unix 纪元起的毫秒数；最多比服务器超前 30 s、落后 7 天 |



请跟随服务器的时钟：\`hl/v1/clock\` 上的 \`{"t": 1767225600000, "rate": 1}\`，其中 \`rate\` 是一秒内服务器时间走过的秒数（演示之外均为 1）。



`},{id:`多少多频繁`,title:`多少，多频繁`,text:`


| 每台设备 | 每秒 | 静默之后一次可发 |
|---|---|---|
| 消息 | 200 | 2,000 |
| 字节 | 256 kB | 48 MB |
| 采样 | 50 | 200,000 |
| 连接 | 每 2 s 一次 | 20 |



设备超出限额即被减速。连续被减速 20 s，或须等待超过 2 s 的，连接被断开，并在调度台告警（\`over_quota\`），5 s 后可再次连接；未得到确认的须重发。
积压一天的数据，按每批一百个采样或更多，可一次发完。\`-device-quota\` 按倍数调整此表。同一地址三次密钥错误之后，每次答复等待更久，最长 5 s；
密钥正确的立即放行。



`},{id:`位置`,title:`位置`,text:"\n\n\n| 字段 | 单位、范围 | |\n|---|---|---|\n| `lon`、`lat` | 度，WGS 84 | 必填 |\n| `alt_m` | 平均海平面以上的高度，m，-450 至 9000；显示的高度以第一个血站的地面为准（其地点的 `elevation_m`） | 必填 |\n| `speed_mps` | 地速，m/s，0 至 120 | 必填 |\n| `track_deg` | 航迹角（真北），度，0 至 360 | 必填 |\n| `battery_pct` | 0 至 100 | 必填 |\n| `climb_mps` | m/s | −50 至 50 |\n| `link_dbm` | dBm | −200 至 50 |\n| `wind_mps`、`wind_from_deg` | 无人机的估计，风的来向 | 不超过 80 m/s |\n\n\n\n空中每秒报告一次，地面至少每 5 s 一次。静默 10 s 后视为失去链路。\n\n\n\n"},{id:`温度`,title:`温度`,text:`


| 字段 | 单位 | |
|---|---|---|
| \`temp_mc\` | 载荷探头的温度，千分之一摄氏度，−200,000 至 100,000 | 必填，有 \`fault\` 时除外 |
| \`temp2_mc\` | 第二探头的温度，千分之一摄氏度；较暖的一个与上限比较，较冷的一个与下限比较 | |
| \`ambient_mc\` | 环境温度，千分之一摄氏度 | |
| \`lid\` | 箱盖打开时为 true | |
| \`fault\` | 传感器不可信时为 true | |



在用期间请一直报告，运输箱才会被选入方案；自装箱起，按其温度要求的间隔报告（红细胞 15 s）。静默达 4 个间隔后，箱子显示 *无数据*，绝不显示 *合格*。



`},{id:`状态`,title:`状态`,text:'\n\n\n`{"seq":8,"t":1767225600000,"state":"airborne","mission":"M-1122-0001","leg":0}`，其中 `state` 是下列之一：\n`parked`（在基地）、`airborne`、`holding`、`returning`、`landing`（收到 `land` 后就地降落中）、`landed`（已降落，不在基地）。\n\n\n\n'},{id:`指令`,title:`指令`,text:'\n\n\n    {"id":12,"kind":"mission","mission":"M-1122-0001","leg":0,"legs":[[[123.497,41.706],[123.395,41.769]],[…]],"height_m":120,"cruise_mps":14,"expires":1767225660000}\n    {"id":13,"kind":"release","mission":"M-1122-0001","leg":0,"plan_hash":"…","expires":…}\n\n\n\n任务的 `legs[0]` 飞往医院，`legs[1]` 返回基地；放行的 `leg` 说明飞哪一段。没有任务时，状态中不写 `mission` 和 `leg`。\n\n\n\n| 种类 | 应做 |\n|---|---|\n| `mission` | 保存计划；答复其哈希。放行起飞之前，哈希与批准的计划核对 |\n| `release` | 起飞并飞完这一段，从停机坪到停机坪；所存计划的哈希不是 `plan_hash` 时拒绝。一离地就报告 `airborne`：接受放行后 30 s 仍为 `parked` 的，会再收到一次放行，`id` 为新的 |\n| `hold`、`resume` | 停止并悬停；继续 |\n| `return` | 放弃这一段，按 `legs[0]` 飞回基地 |\n| `reroute` | 以 `legs[0]` 代替这一段的剩余部分，悬停或返航中也一样：飞往这一段的目标；或飞往更紧急请求的目标，此后无人机停在停机坪上时，会收到含由该处返回基地航线的 `mission`；或飞往备降点，并停在那里。第一个点是最近收到的无人机位置，因此直接飞向第二个点；降落在基地以外任何地方，状态都是 `landed` |\n| `land` | 就地降落，最后手段：由两人下令；下降途中仍服从 `hold`、`return` 和 `reroute` |\n\n\n\n在 ack 主题上答复：`{"t":…,"id":12,"ok":true,"hash":"…"}`，或带 `reason` 的 `"ok":false`。指令在得到答复或到期之前会重复发来：每个 `id` 只执行一次，\n重复收到时给出同样的答复。\n\n\n\n哈希是以下各行的 SHA-256，小写十六进制，每行以换行符结尾：`h` 和以 mm 计的高度，`v` 和以 mm/s 计的速度，然后每个航点一行：航段序号、经度和纬度，\n以 1e-7 度为单位，各项之间一个空格：\n\n\n\n    h 120000\n    v 14000\n    0 1234970000 417060000\n\n\n\n'},{id:`试一试`,title:`试一试`,text:`


先运行演示（它会打印 MQTT 地址和各账号的密码），并安装 Debian 的 \`mosquitto-clients\` 中的 \`mosquitto_pub\`：



    URL=http://127.0.0.1:8080 PASSWORD=… PORT=…
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' -d "{\\"login\\":\\"admin\\",\\"password\\":\\"$PASSWORD\\"}" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    SECRET=$(curl -s -X POST -H "Authorization: Bearer $TOKEN" $URL/api/v1/devices/BX-030/secret | sed 's/.*"secret":"\\([^"]*\\)".*/\\1/')
    NOW=$(curl -s -H "Authorization: Bearer $TOKEN" $URL/api/v1/board | sed 's/.*"now":"\\([^"]*\\)".*/\\1/')
    mosquitto_pub -h 127.0.0.1 -p $PORT -q 1 -i BX-030 -u BX-030 -P $SECRET -t hl/v1/BX-030/temp \\
      -m "{\\"seq\\":1,\\"t\\":$(date -d $NOW +%s)000,\\"temp_mc\\":-185000,\\"ambient_mc\\":21000}"

    curl -s -H "Authorization: Bearer $TOKEN" $URL/metrics | grep hemolift_device



\`hemolift_device_samples_total{topic="temp"}\` 增加了一，其余是模拟运输箱的；消息有错时增加的是 \`hemolift_device_refused_total\`，
可用 \`curl -s -H "Authorization: Bearer $TOKEN" "$URL/api/v1/refused?device=BX-030"\` 查到，
并在 \`refused\` 主题上告知设备自己的连接（mosquitto_pub 不接收，同一客户端 ID 的第二个客户端会取代它）。
\`-mqtt-addr 127.0.0.1:1883\` 使演示的设备入口使用固定端口。



（BX-030 是模拟机组从不使用的运输箱；更换其密钥后，它就脱离了模拟，模拟中的 BX-030 此后被拒绝：
\`hemolift_device_refused_total{reason="bad credential"}\` 会自行增加。）

`}]},{name:`integrator`,title:`集成`,html:`<h1 id="集成">集成</h1>
<p><img alt="医院的页面使用同一 API" loading="lazy" data-picture="1"></p>
<h2 id="api">API</h2>
<p>API 由 <a href="/api.yaml">web/api.yaml</a>（OpenAPI 3.1，服务器在 <code>/api.yaml</code> 给出）描述，位于 <code>/api/v1/</code> 之下。在演示运行时，用 curl 提交一份用血请求：</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;zhang.min&quot;,&quot;password&quot;:&quot;PASSWORD&quot;}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
NOW=$(curl -s $URL/api/v1/board -H &quot;Authorization: Bearer $TOKEN&quot; | sed &#39;s/.*&quot;now&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
curl -s $URL/api/v1/requests -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; \\
  -H &quot;Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)&quot; \\
  -d &#39;{&quot;hospital&quot;:&quot;SY06&quot;,&quot;pad&quot;:&quot;SY06-P1&quot;,&quot;component&quot;:&quot;red_cells&quot;,&quot;blood_group&quot;:&quot;O+&quot;,&quot;units&quot;:2,&quot;urgency&quot;:&quot;stat&quot;,&quot;needed_by&quot;:&quot;&#39;$(date -u -d &quot;$NOW +40 min&quot; +%FT%TZ)&#39;&quot;}&#39;
</code></pre>
<p>令牌有效 30 天，可做其账号可做的一切。<code>&quot;hours&quot;:24</code> 使它更早失效，<code>&quot;only&quot;:[&quot;getBoard&quot;,&quot;listUnits&quot;]</code> 把它限于 <a href="/api.yaml">API</a> 的某些操作：
给程序的权限不要超过所需。</p>
<p>201 表示已永久保存；同一键配同一正文，返回同一份请求。（演示的时钟比您的快，因此示例向服务器询问时间。）</p>
<p><strong>从受理到签收。</strong> 以 <code>{}</code> 调用 <code>POST /requests/{id}/accept</code> 即得到配送：血站人员为本站受理，无人机和血袋可能与方案为其他血站所选的不同。
<code>drone</code> 指定无人机，<code>seen: {drone, arrive_at, units}</code> 说明当时显示的内容：如果已经变差，则什么也不分配，409 <code>moved-on</code> 中带有新的 <code>offer</code>。
此后每一步是一次 <code>POST /deliveries/{id}/steps</code>，由血站执行，自 <code>compare_seal</code> 起由医院执行：</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th><code>step</code>（步骤）</th>
<th>附带</th>
</tr>
</thead>
<tbody><tr>
<td><code>check</code></td>
<td>无；由受理人以外的另一人执行</td>
</tr>
<tr>
<td><code>pack</code>、<code>receive</code></td>
<td><code>scans</code>，即扫码枪读出的血袋标签内容，不分先后（<code>[&quot;]C0=A99992612345600&quot;,&quot;=&lt;A0001V00&quot;]</code>），或 <code>unit</code>（<code>{&quot;din&quot;:&quot;A999926123456&quot;,&quot;product_code&quot;:&quot;A0001V00&quot;}</code>，与配送中一致）</td>
</tr>
<tr>
<td><code>quarantine</code>、<code>break</code></td>
<td>同上，加写明原因的 <code>note</code>；违背冷链建议的 <code>receive</code> 也须附原因</td>
</tr>
<tr>
<td><code>seal</code>、<code>compare_seal</code></td>
<td><code>seal</code></td>
</tr>
<tr>
<td><code>load</code></td>
<td><code>box</code></td>
</tr>
</tbody></table></div>
<p><code>POST /labels</code> 说明扫码的含义，以及还缺哪些数据结构。记录仪的文件以 <code>text/csv</code> 发往 <code>POST /deliveries/{id}/logger?logger=BX-001&amp;zone=Asia/Shanghai</code>，
<code>logger</code> 是该配送的运输箱；文件按原样保存，如何读取的也永久写在记录里，读不出来时同样如此。</p>
<p>实时推送是 <code>/api/v1/live</code> 上的 WebSocket；<a href="/help/live-feed">专门的指南</a>写明其各种帧，并附一个 Python 客户端。
<code>/healthz</code> 和 <code>/readyz</code> 对所有人应答，<code>/metrics</code>（Prometheus）须有管理员的令牌。正文按严格方式读取：
未知或重复的字段、大小写不同的名称、不是 Unicode 的文本，都会被拒绝。</p>
<h2 id="单独使用优化器">单独使用优化器</h2>
<p>优化器可以单独使用，处理 blooddrone-dispatch/1 格式的算例（示例，gzip 压缩）：</p>
<pre tabindex="0"><code>gunzip -c dispatch/plan/testdata/medium-01.json.gz &gt; /tmp/medium-01.json
go run ./cmd/hemolift plan -in /tmp/medium-01.json -out /tmp/plan.json -seconds 0.5
go run ./cmd/hemolift plan -in /tmp/medium-01.json -plan /tmp/plan.json -explain R3
</code></pre>
<h2 id="重演一天">重演一天</h2>
<p>同一天，换用另一支机队、另一种天气或储备，两次都重新规划或重演，得出供血服务和血液浪费上的差别（<code>diff</code> 按评分次序列出九层：1 未满足的抢救请求，
2 抢救迟到的分钟数，3 和 4 加急的同样两项，5 和 6 常规的同样两项，7 过期的血袋，8 血型替代，9 以 kJ 计的能耗）。
<code>-add hawk@C1:2</code> 在该血站增加两架该机型的无人机，<code>-time 1200</code> 使飞行用时为原来的千分之 1200，<code>-reserve O-:2</code> 保留两袋：</p>
<pre tabindex="0"><code>go run ./cmd/hemolift whatif -in /tmp/medium-01.json -without D3 -add hawk@C1:2 -time 1200 -reserve O-:2
</code></pre>
<p>运行中的服务器可为此导出其记录中的一天（以中国的日期为准：UTC+8），按它自己的政策和风，或按另外给出的：</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080; DAY=$(TZ=Asia/Shanghai date +%F)
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;li.jing&quot;,&quot;password&quot;:&quot;PASSWORD&quot;}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
curl -fsS $URL/api/v1/days/$DAY -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{}&#39; &gt; /tmp/day.json
curl -fsS $URL/api/v1/days/$DAY -H &quot;Authorization: Bearer $TOKEN&quot; -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;wind_mps&quot;:11,&quot;wind_from_deg&quot;:270}&#39; &gt; /tmp/windy.json
go run ./cmd/hemolift whatif -in /tmp/day.json -other /tmp/windy.json
go run ./cmd/hemolift whatif -in /tmp/day.json -without HL-03 -add MR-10@SYBC:2
</code></pre>
<p>（正文中的 <code>policy</code> 是政策文件的文本。演示的时钟比您的快，它的日期可能已是次日。）</p>
<p><code>-exact</code> 证明小计划（最多八个请求，如 tiny-01）为最优；<code>-online</code> 在请求陆续到来时规划，为抢救保留已充电的无人机和稀缺血袋，
并在能挽救一个抢救请求时改派空中的无人机。计划须经独立的检验程序（dispatch/plan/verify）通过后才写出。</p>
<h2 id="单独规划航线">单独规划航线</h2>
<p><code>hemolift route -scene DIR</code> 规划一个空域场景中的各项查询（目录中有 <code>scene.json</code>、<code>zones.geojson</code> 和 <code>queries.csv</code>），加 <code>-bench N</code> 则计时。</p>
<p>无人机和运输箱以各自的凭据使用 MQTT；各字段，以及用 <code>mosquitto_pub</code> 逐步操作的示例，见 <a href="/help/devices">设备</a>。</p>
`,sections:[{id:`集成`,title:`集成`,text:`


![医院的页面使用同一 API](../hospital.png)



`},{id:`api`,title:`API`,text:'\n\n\nAPI 由 [web/api.yaml](../../web/api.yaml)（OpenAPI 3.1，服务器在 `/api.yaml` 给出）描述，位于 `/api/v1/` 之下。在演示运行时，用 curl 提交一份用血请求：\n\n\n\n    URL=http://127.0.0.1:8080\n    TOKEN=$(curl -s $URL/api/v1/tokens -H \'Content-Type: application/json\' \\\n      -d \'{"login":"zhang.min","password":"PASSWORD"}\' | sed \'s/.*"token":"\\([^"]*\\)".*/\\1/\')\n    NOW=$(curl -s $URL/api/v1/board -H "Authorization: Bearer $TOKEN" | sed \'s/.*"now":"\\([^"]*\\)".*/\\1/\')\n    curl -s $URL/api/v1/requests -H "Authorization: Bearer $TOKEN" -H \'Content-Type: application/json\' \\\n      -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \\\n      -d \'{"hospital":"SY06","pad":"SY06-P1","component":"red_cells","blood_group":"O+","units":2,"urgency":"stat","needed_by":"\'$(date -u -d "$NOW +40 min" +%FT%TZ)\'"}\'\n\n\n\n令牌有效 30 天，可做其账号可做的一切。`"hours":24` 使它更早失效，`"only":["getBoard","listUnits"]` 把它限于 [API](../../web/api.yaml) 的某些操作：\n给程序的权限不要超过所需。\n\n\n\n201 表示已永久保存；同一键配同一正文，返回同一份请求。（演示的时钟比您的快，因此示例向服务器询问时间。）\n\n\n\n**从受理到签收。** 以 `{}` 调用 `POST /requests/{id}/accept` 即得到配送：血站人员为本站受理，无人机和血袋可能与方案为其他血站所选的不同。\n`drone` 指定无人机，`seen: {drone, arrive_at, units}` 说明当时显示的内容：如果已经变差，则什么也不分配，409 `moved-on` 中带有新的 `offer`。\n此后每一步是一次 `POST /deliveries/{id}/steps`，由血站执行，自 `compare_seal` 起由医院执行：\n\n\n\n| `step`（步骤） | 附带 |\n|---|---|\n| `check` | 无；由受理人以外的另一人执行 |\n| `pack`、`receive` | `scans`，即扫码枪读出的血袋标签内容，不分先后（`["]C0=A99992612345600","=<A0001V00"]`），或 `unit`（`{"din":"A999926123456","product_code":"A0001V00"}`，与配送中一致） |\n| `quarantine`、`break` | 同上，加写明原因的 `note`；违背冷链建议的 `receive` 也须附原因 |\n| `seal`、`compare_seal` | `seal` |\n| `load` | `box` |\n\n\n\n`POST /labels` 说明扫码的含义，以及还缺哪些数据结构。记录仪的文件以 `text/csv` 发往 `POST /deliveries/{id}/logger?logger=BX-001&zone=Asia/Shanghai`，\n`logger` 是该配送的运输箱；文件按原样保存，如何读取的也永久写在记录里，读不出来时同样如此。\n\n\n\n实时推送是 `/api/v1/live` 上的 WebSocket；[专门的指南](live-feed.md)写明其各种帧，并附一个 Python 客户端。\n`/healthz` 和 `/readyz` 对所有人应答，`/metrics`（Prometheus）须有管理员的令牌。正文按严格方式读取：\n未知或重复的字段、大小写不同的名称、不是 Unicode 的文本，都会被拒绝。\n\n\n\n'},{id:`单独使用优化器`,title:`单独使用优化器`,text:`


优化器可以单独使用，处理 blooddrone-dispatch/1 格式的算例（[示例](../../dispatch/plan/testdata)，gzip 压缩）：



    gunzip -c dispatch/plan/testdata/medium-01.json.gz > /tmp/medium-01.json
    go run ./cmd/hemolift plan -in /tmp/medium-01.json -out /tmp/plan.json -seconds 0.5
    go run ./cmd/hemolift plan -in /tmp/medium-01.json -plan /tmp/plan.json -explain R3



`},{id:`重演一天`,title:`重演一天`,text:`


同一天，换用另一支机队、另一种天气或储备，两次都重新规划或重演，得出供血服务和血液浪费上的差别（\`diff\` 按评分次序列出九层：1 未满足的抢救请求，
2 抢救迟到的分钟数，3 和 4 加急的同样两项，5 和 6 常规的同样两项，7 过期的血袋，8 血型替代，9 以 kJ 计的能耗）。
\`-add hawk@C1:2\` 在该血站增加两架该机型的无人机，\`-time 1200\` 使飞行用时为原来的千分之 1200，\`-reserve O-:2\` 保留两袋：



    go run ./cmd/hemolift whatif -in /tmp/medium-01.json -without D3 -add hawk@C1:2 -time 1200 -reserve O-:2



运行中的服务器可为此导出其记录中的一天（以中国的日期为准：UTC+8），按它自己的政策和风，或按另外给出的：



    URL=http://127.0.0.1:8080; DAY=$(TZ=Asia/Shanghai date +%F)
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' \\
      -d '{"login":"li.jing","password":"PASSWORD"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    curl -fsS $URL/api/v1/days/$DAY -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{}' > /tmp/day.json
    curl -fsS $URL/api/v1/days/$DAY -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"wind_mps":11,"wind_from_deg":270}' > /tmp/windy.json
    go run ./cmd/hemolift whatif -in /tmp/day.json -other /tmp/windy.json
    go run ./cmd/hemolift whatif -in /tmp/day.json -without HL-03 -add MR-10@SYBC:2



（正文中的 \`policy\` 是政策文件的文本。演示的时钟比您的快，它的日期可能已是次日。）



\`-exact\` 证明小计划（最多八个请求，如 tiny-01）为最优；\`-online\` 在请求陆续到来时规划，为抢救保留已充电的无人机和稀缺血袋，
并在能挽救一个抢救请求时改派空中的无人机。计划须经独立的检验程序（[dispatch/plan/verify](../../dispatch/plan/verify/doc.go)）通过后才写出。



`},{id:`单独规划航线`,title:`单独规划航线`,text:"\n\n\n`hemolift route -scene DIR` 规划一个空域场景中的各项查询（目录中有 `scene.json`、`zones.geojson` 和 `queries.csv`），加 `-bench N` 则计时。\n\n\n\n无人机和运输箱以各自的凭据使用 MQTT；各字段，以及用 `mosquitto_pub` 逐步操作的示例，见 [设备](devices.md)。\n\n"}]},{name:`live-feed`,title:`实时推送`,html:`<h1 id="实时推送">实时推送</h1>
<p>无人机和运输箱的位置、告警的当前测量值、谁在线，以及日志的每个事件，随到随发。live-feed.py 只用 Python 自带的库读取它：</p>
<pre tabindex="0"><code>URL=http://127.0.0.1:8080
TOKEN=$(curl -s $URL/api/v1/tokens -H &#39;Content-Type: application/json&#39; \\
  -d &#39;{&quot;login&quot;:&quot;wall&quot;,&quot;password&quot;:&quot;PASSWORD&quot;,&quot;only&quot;:[&quot;live&quot;]}&#39; | sed &#39;s/.*&quot;token&quot;:&quot;\\([^&quot;]*\\)&quot;.*/\\1/&#39;)
python3 docs/live-feed.py $URL $TOKEN
</code></pre>
<h2 id="连接">连接</h2>
<p><code>/api/v1/live</code> 上的 WebSocket，附 <code>Authorization: Bearer TOKEN</code> 或浏览器的会话，子协议二选一：<code>hemolift.v1</code>（二进制），或 <code>hemolift.v1.json</code>
（内容相同的 JSON，供不求快的程序）。有所属单位的账户只能看到正送往该单位的内容。<code>?after=SEQ</code> 从已知事件之后继续；不写则从现在开始。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>内容</th>
<th>数量</th>
</tr>
</thead>
<tbody><tr>
<td>一个账户的连接</td>
<td>200</td>
</tr>
<tr>
<td>服务器的连接</td>
<td>10 000（<code>serve -viewers</code>）；超过时答复 503，稍后再试</td>
</tr>
<tr>
<td>发给服务器的消息</td>
<td>4 kB，一次最多 60 条，之后每秒一条</td>
</tr>
<tr>
<td>服务器的 ping</td>
<td>每 20 s；60 s 不应答的连接被断开</td>
</tr>
<tr>
<td>无变化时的空帧</td>
<td>每秒一个</td>
</tr>
</tbody></table></div>
<p>会话结束或其权限改变时，服务器以代码 1008 断开连接。服务器重启后，重连者应先等待一段随机时间。</p>
<p>无人在看的页面发送 <code>{&quot;hidden&quot;:true}</code>，此后只收到事件；发送 <code>{&quot;hidden&quot;:false}</code> 后先收到一份快照。</p>
<h2 id="收到的内容">收到的内容</h2>
<p>先是 <code>hello</code>；然后是无人机快照和运输箱快照；再往后是有变化的行。读得太慢的一方不会收到错过的帧，而是另一份快照：每台设备只有最新状态有意义。
事件从不遗漏：每个事件一帧，按日志次序，最新事件的 <code>seq</code> 用于 <code>?after=</code>。须补发的事件超过 500 个而服务器已不记得时，<code>hello</code> 写有 <code>resync</code>，应重新读取 <code>GET /board</code>。</p>
<p><code>hemolift.v1</code> 的一帧为小端序：24 字节，之后是各列，每列含每一行的值，宽的在前。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>字节</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>0</td>
<td>u8</td>
<td>版本：1</td>
</tr>
<tr>
<td>1</td>
<td>u8</td>
<td>种类</td>
</tr>
<tr>
<td>2</td>
<td>u16</td>
<td>标志；1：各行是运输箱，否则是无人机</td>
</tr>
<tr>
<td>4</td>
<td>u32</td>
<td>行数</td>
</tr>
<tr>
<td>8</td>
<td>u64</td>
<td>序号：事件为其自身的序号，其他为该连接的帧的序号</td>
</tr>
<tr>
<td>16</td>
<td>i64</td>
<td>服务器时间，自 1970 年（UTC）起的 µs；龄期和预计到达时刻以此为准</td>
</tr>
</tbody></table></div>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>种类</th>
<th>JSON</th>
<th>之后的内容</th>
</tr>
</thead>
<tbody><tr>
<td>1</td>
<td><code>snapshot</code></td>
<td>行：该连接可见的全部设备</td>
</tr>
<tr>
<td>2</td>
<td><code>delta</code></td>
<td>有变化的行；没有行：仅表示连接仍在</td>
</tr>
<tr>
<td>3</td>
<td><code>remove</code></td>
<td>一列 u16：该连接不再可见的编号</td>
</tr>
<tr>
<td>4</td>
<td><code>event</code></td>
<td>JSON：<code>seq</code>、<code>at</code>、<code>kind</code>、<code>actor</code>、<code>subject</code>、<code>detail</code></td>
</tr>
<tr>
<td>5</td>
<td><code>hello</code></td>
<td>JSON：<code>drones</code> 和 <code>boxes</code>，其位置即编号；最新事件的 <code>seq</code>；<code>rate</code>，每秒对应的服务器秒数；<code>resync</code></td>
</tr>
<tr>
<td>6</td>
<td><code>alarms</code></td>
<td>JSON：每个告警的 <code>id</code>、<code>value</code>、<code>known</code>、<code>limit</code>、<code>worst</code>、<code>left_s</code></td>
</tr>
<tr>
<td>7</td>
<td><code>presence</code></td>
<td>JSON：谁在线</td>
</tr>
</tbody></table></div>
<p>有设备加入时，会先再发一次更长的 <code>hello</code>，然后才有关于它们的内容。<code>hello</code> 中没有的编号，其行应略去。</p>
<p>无人机的各列：</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>列</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>经度、纬度</td>
<td>各 i32</td>
<td>10⁻⁷ 度，WGS 84</td>
</tr>
<tr>
<td>预计到达</td>
<td>i32</td>
<td>距该帧时间的 s；−2³¹：没有</td>
</tr>
<tr>
<td>剩余航程</td>
<td>u32</td>
<td>m</td>
</tr>
<tr>
<td>编号</td>
<td>u16</td>
<td></td>
</tr>
<tr>
<td>龄期</td>
<td>u16</td>
<td>位置的龄期，十分之一秒；65535：不少于此</td>
</tr>
<tr>
<td>高度</td>
<td>i16</td>
<td>距地面，0.1 m</td>
</tr>
<tr>
<td>速度</td>
<td>u16</td>
<td>地速，0.01 m/s</td>
</tr>
<tr>
<td>航迹</td>
<td>u16</td>
<td>自北顺时针，0.01 度</td>
</tr>
<tr>
<td>爬升</td>
<td>i16</td>
<td>0.01 m/s</td>
</tr>
<tr>
<td>电量</td>
<td>u16</td>
<td>0.01 %</td>
</tr>
<tr>
<td>所需电量</td>
<td>u16</td>
<td>着陆并留有储备所需，0.01 %</td>
</tr>
<tr>
<td>偏离</td>
<td>u16</td>
<td>偏离航线，m</td>
</tr>
<tr>
<td>延误</td>
<td>u16</td>
<td>落后于计划，s</td>
</tr>
<tr>
<td>链路</td>
<td>i8</td>
<td>dBm</td>
</tr>
<tr>
<td>高度偏差</td>
<td>i8</td>
<td>高于航线高度，m</td>
</tr>
<tr>
<td>超出</td>
<td>u8</td>
<td>1 偏离航线，2 偏离高度，4 落后于计划，且已持续到应告警</td>
</tr>
<tr>
<td>位</td>
<td>u8</td>
<td>0–2 状态（1 停放，2 飞行，3 悬停等待，4 返航，5 已着陆，6 正在着陆），3–4 链路（1 正常，2 延迟，3 丢失），5 位置已知</td>
</tr>
</tbody></table></div>
<p>运输箱的各列：</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>列</th>
<th></th>
<th></th>
</tr>
</thead>
<tbody><tr>
<td>温度</td>
<td>i32</td>
<td>千分之一摄氏度</td>
</tr>
<tr>
<td>超限时长</td>
<td>u32</td>
<td>s</td>
</tr>
<tr>
<td>编号</td>
<td>u16</td>
<td></td>
</tr>
<tr>
<td>龄期</td>
<td>u16</td>
<td>读数的龄期，十分之一秒</td>
</tr>
<tr>
<td>状态</td>
<td>u8</td>
<td>1 未知，2 在范围内，3 接近限值，4 超限</td>
</tr>
<tr>
<td>位</td>
<td>u8</td>
<td>1 受监测，2 曾超限，4 探头故障，8 箱盖打开，16 有读数</td>
</tr>
</tbody></table></div>
<p>没有 16 这一位、或状态为 1 的运输箱是<strong>未知</strong>，绝不是在范围内。过旧的数据是否还可信，由读取方依龄期判断。</p>
`,sections:[{id:`实时推送`,title:`实时推送`,text:`


无人机和运输箱的位置、告警的当前测量值、谁在线，以及日志的每个事件，随到随发。[live-feed.py](../live-feed.py) 只用 Python 自带的库读取它：



    URL=http://127.0.0.1:8080
    TOKEN=$(curl -s $URL/api/v1/tokens -H 'Content-Type: application/json' \\
      -d '{"login":"wall","password":"PASSWORD","only":["live"]}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    python3 docs/live-feed.py $URL $TOKEN



`},{id:`连接`,title:`连接`,text:`


\`/api/v1/live\` 上的 WebSocket，附 \`Authorization: Bearer TOKEN\` 或浏览器的会话，子协议二选一：\`hemolift.v1\`（二进制），或 \`hemolift.v1.json\`
（内容相同的 JSON，供不求快的程序）。有所属单位的账户只能看到正送往该单位的内容。\`?after=SEQ\` 从已知事件之后继续；不写则从现在开始。



| 内容 | 数量 |
|---|---|
| 一个账户的连接 | 200 |
| 服务器的连接 | 10 000（\`serve -viewers\`）；超过时答复 503，稍后再试 |
| 发给服务器的消息 | 4 kB，一次最多 60 条，之后每秒一条 |
| 服务器的 ping | 每 20 s；60 s 不应答的连接被断开 |
| 无变化时的空帧 | 每秒一个 |



会话结束或其权限改变时，服务器以代码 1008 断开连接。服务器重启后，重连者应先等待一段随机时间。



无人在看的页面发送 \`{"hidden":true}\`，此后只收到事件；发送 \`{"hidden":false}\` 后先收到一份快照。



`},{id:`收到的内容`,title:`收到的内容`,text:`


先是 \`hello\`；然后是无人机快照和运输箱快照；再往后是有变化的行。读得太慢的一方不会收到错过的帧，而是另一份快照：每台设备只有最新状态有意义。
事件从不遗漏：每个事件一帧，按日志次序，最新事件的 \`seq\` 用于 \`?after=\`。须补发的事件超过 500 个而服务器已不记得时，\`hello\` 写有 \`resync\`，应重新读取 \`GET /board\`。



\`hemolift.v1\` 的一帧为小端序：24 字节，之后是各列，每列含每一行的值，宽的在前。



| 字节 | | |
|---|---|---|
| 0 | u8 | 版本：1 |
| 1 | u8 | 种类 |
| 2 | u16 | 标志；1：各行是运输箱，否则是无人机 |
| 4 | u32 | 行数 |
| 8 | u64 | 序号：事件为其自身的序号，其他为该连接的帧的序号 |
| 16 | i64 | 服务器时间，自 1970 年（UTC）起的 µs；龄期和预计到达时刻以此为准 |



| 种类 | JSON | 之后的内容 |
|---|---|---|
| 1 | \`snapshot\` | 行：该连接可见的全部设备 |
| 2 | \`delta\` | 有变化的行；没有行：仅表示连接仍在 |
| 3 | \`remove\` | 一列 u16：该连接不再可见的编号 |
| 4 | \`event\` | JSON：\`seq\`、\`at\`、\`kind\`、\`actor\`、\`subject\`、\`detail\` |
| 5 | \`hello\` | JSON：\`drones\` 和 \`boxes\`，其位置即编号；最新事件的 \`seq\`；\`rate\`，每秒对应的服务器秒数；\`resync\` |
| 6 | \`alarms\` | JSON：每个告警的 \`id\`、\`value\`、\`known\`、\`limit\`、\`worst\`、\`left_s\` |
| 7 | \`presence\` | JSON：谁在线 |



有设备加入时，会先再发一次更长的 \`hello\`，然后才有关于它们的内容。\`hello\` 中没有的编号，其行应略去。



无人机的各列：



| 列 | | |
|---|---|---|
| 经度、纬度 | 各 i32 | 10⁻⁷ 度，WGS 84 |
| 预计到达 | i32 | 距该帧时间的 s；−2³¹：没有 |
| 剩余航程 | u32 | m |
| 编号 | u16 | |
| 龄期 | u16 | 位置的龄期，十分之一秒；65535：不少于此 |
| 高度 | i16 | 距地面，0.1 m |
| 速度 | u16 | 地速，0.01 m/s |
| 航迹 | u16 | 自北顺时针，0.01 度 |
| 爬升 | i16 | 0.01 m/s |
| 电量 | u16 | 0.01 % |
| 所需电量 | u16 | 着陆并留有储备所需，0.01 % |
| 偏离 | u16 | 偏离航线，m |
| 延误 | u16 | 落后于计划，s |
| 链路 | i8 | dBm |
| 高度偏差 | i8 | 高于航线高度，m |
| 超出 | u8 | 1 偏离航线，2 偏离高度，4 落后于计划，且已持续到应告警 |
| 位 | u8 | 0–2 状态（1 停放，2 飞行，3 悬停等待，4 返航，5 已着陆，6 正在着陆），3–4 链路（1 正常，2 延迟，3 丢失），5 位置已知 |



运输箱的各列：



| 列 | | |
|---|---|---|
| 温度 | i32 | 千分之一摄氏度 |
| 超限时长 | u32 | s |
| 编号 | u16 | |
| 龄期 | u16 | 读数的龄期，十分之一秒 |
| 状态 | u8 | 1 未知，2 在范围内，3 接近限值，4 超限 |
| 位 | u8 | 1 受监测，2 曾超限，4 探头故障，8 箱盖打开，16 有读数 |



没有 16 这一位、或状态为 1 的运输箱是**未知**，绝不是在范围内。过旧的数据是否还可信，由读取方依龄期判断。

`}]},{name:`security`,title:`安全`,html:`<h1 id="安全">安全</h1>
<p>本页写给决定 Hemolift 能否在某个单位运行的人：先说保护什么、防谁、怎样防；再列出一项公认标准的各项要求，每项由哪个测试保证，以及尚未满足的是什么。</p>
<h2 id="威胁模型">威胁模型</h2>
<p><strong>值得保护的</strong>，后果最重的在前：</p>
<ol>
<li><em>在飞的。</em> 任务、放行、返航或新航线若出自不该下令的人，会伤及地面人员。</li>
<li><em>正确的血液。</em> 哪一袋在哪只箱里、由谁复核、温度多高，以及判定。</li>
<li><em>记录。</em> 交接、判定、采样，以及谁做过什么的日志，事后不得更改。</li>
<li><em>服务。</em> 调度台没有应答，血液就会延误。</li>
<li><em>机密信息。</em> 密码、会话令牌、设备密钥、数据库密码、TLS 私钥。</li>
<li><em>关于患者的信息。</em> 请求可以写明性别、年龄段和抗-D，从不写姓名或病案号。这些与医院和时刻合在一起，仍可能指向某个人。</li>
</ol>
<p><strong>谁可能攻击。</strong> 网络上没有账号的人；猜到或偷到密码、令牌的人；有账号而越权的人，或借同事未退出的会话行事的人；已登录者所访问的某个网页；
损坏、被盗或被冒充的无人机或运输箱；变坏的依赖组件；能接触到机器的人。</p>
<p><strong>各个入口。</strong></p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>入口</th>
<th>谁进来</th>
<th>靠什么把守</th>
</tr>
</thead>
<tbody><tr>
<td>页面和 API（HTTP）</td>
<td>人员用密码和 cookie，程序用密码和令牌</td>
<td>回环地址之外用 TLS，除非 <code>-plain</code>；猜测被减速；只限自身来源；正文按严格方式读取；每个账号的请求和工作量有份额</td>
</tr>
<tr>
<td>访客链接（HTTP）</td>
<td>持有链接的任何人，无需账号</td>
<td>130 位随机数，以哈希保存，位于地址中 <code>#</code> 之后，浏览器不会发送这一部分；一项操作、一次配送、只读；会到期，可撤销，有日志；每秒两次查询</td>
</tr>
<tr>
<td>邀请链接（HTTP）</td>
<td>持有链接的任何人，无需账号</td>
<td>130 位随机数，以哈希保存，位于 <code>#</code> 之后；只能为一个账号设置一次密码，48 小时内有效；被撤回、被取代或账号停用后，什么也打不开；有日志</td>
</tr>
<tr>
<td>设备注册（HTTP）</td>
<td>持有其注册码的任何人</td>
<td>50 位随机数，以哈希保存，只供一台设备，仅一次，一小时内有效；猜测被减速；有日志</td>
</tr>
<tr>
<td>实时推送（WebSocket）</td>
<td>同样的会话</td>
<td>只限自身来源；每个观看者只收到本单位的事件；随会话结束</td>
</tr>
<tr>
<td>设备入口（MQTT）</td>
<td>无人机和运输箱，各用自己的密钥</td>
<td>回环地址之外用 TLS，除非 <code>-plain</code>；只限自己的主题，不接受遗嘱消息，不保留消息；有限额；猜测被减速；换新密钥即断开旧连接</td>
</tr>
<tr>
<td>政策与温度要求（HTTP）</td>
<td>管理员和质量人员，在浏览器中须不久前输入过密码</td>
<td>全部读入并检查之后才写入；由另一位质量人员按其所见内容的 SHA-256 批准，每次须输入密码；所有版本均保留，只增不改</td>
</tr>
<tr>
<td>启动时给出的文件</td>
<td>运维人员</td>
<td>网络、政策和温度要求文件在服务器开始服务之前检查</td>
</tr>
<tr>
<td>网络文件（HTTP）</td>
<td>管辖所有单位的管理员，在浏览器中须不久前输入过密码</td>
<td>全部读入并检查之后才写入；可预览；正在执行的不受移动；每个值的原来和现在都记入日志</td>
</tr>
<tr>
<td>数据库</td>
<td>服务器</td>
<td>不拥有任何对象的数据库角色；或同一角色兼作所有者，并有警告；一份记录只由一个服务器使用</td>
</tr>
<tr>
<td>对外</td>
<td>无，除非运维人员设了 <code>-oidc-issuer</code> 或 <code>-notify</code></td>
<td>前者是身份提供方自己的地址；后者是用户和管理员所填的推送服务地址和 webhook 地址：只用 https，不跟随重定向，不访问内网地址，<code>-notify-inside</code> 指定的除外，建立连接时检查；每次 10 s，各试三次，同时最多 32 个；不发送患者、血型、血袋或人员的任何信息。在没有 PostgreSQL 的机器上，由 <code>npm</code> 获取一次固定版本和 SHA-512 的 PostgreSQL</td>
</tr>
</tbody></table></div>
<p><strong>内部靠什么把守。</strong></p>
<ul>
<li>谁可以对谁的什么做什么，写在一张表里（permit.go）。表中没有的一律拒绝。</li>
<li>政策要求第二人时，血袋须由分配人以外的另一人复核；此时数据库也拒绝同一人。不符的扫码会被拒绝。</li>
<li>放行起飞之前，无人机须答复其计划的哈希。</li>
<li>服务器的数据库角色只能追加日志、交接、判定、采样和文件，不能更改其中任何一条（rights.go）；对日志和交接，
触发器连所有者的更改也拒绝。</li>
<li>设备、人员或文件所写的时间是佐证，与服务器自身的时间并列保存；记录按服务器的时间排序。</li>
<li>给人或设备的确认，表示数据库已经提交。</li>
</ul>
<p><strong>登录的各项数值。</strong> 密码以 argon2id 保存（64 MB，一轮），令牌和设备密钥（130 位随机数）以 SHA-256 保存。人员的会话 12 小时后结束，
2 小时没有请求也结束；程序的令牌 30 天后结束。一个账号最多 100 个会话；最早的先结束。同一地址对同一账号输错三次密码后，每次再试等待更久，
从 1 s 到 1 分钟；同一地址输错三十次后，最长 5 s。不会锁定任何人。一个账号每秒可请求 50 次（停顿之后一次可达 500），大的正文和耗时的工作按多次计。
设备的限额见 <a href="/help/devices">设备</a>。</p>
<p><strong>仍然存在的风险。</strong></p>
<ul>
<li>单凭密码即可使用任何角色，包括管理员和飞行监控，并可由此取得 30 天的令牌。</li>
<li>管理员的令牌可以管理账号，无需再次输入密码。数据库权限允许服务器更改角色和密码，因此被攻占的服务器可以把自己变成管理员；日志会有记载。</li>
<li>邀请链接在使用之前等同于密码，为期 48 小时：它经由管理员所选的任何途径送出。</li>
<li>在代理之后使用 <code>-plain</code> 时，cookie 没有 <code>Secure</code> 标记，不发送 HSTS，所有人都是代理的地址：日志记下的是这个地址，一人输错密码会使所有人等待，
猜测者也能使账号的主人一直等待。</li>
<li>数据库权限挡得住注入的 SQL，挡不住在服务器内运行的代码：服务器持有所有者的地址，而私有 PostgreSQL 信任能到达其套接字的任何人（自身的用户和 root）。</li>
<li>日志只能追加，但没有链接成链，也不复制到别处；数据库或机器的所有者可以更改它。</li>
<li>推送服务的密钥对和 webhook 的密钥以原样保存在数据库中：能读到的人可以冒充服务器签名。</li>
<li>访客链接转给谁都有效，直到到期或被撤销。它透露载有血液的无人机在哪里。</li>
<li>未锁定的屏幕以其登录者的身份行事：只有病房结束配送时再次要求密码。</li>
<li>被盗的无人机或运输箱，在管理员更换其密钥之前仍以自己的身份通信。它报告的数值只要在范围之内就会被采信。</li>
<li>地图上无人机的位置是它自己所报；没有别的手段在地面核实。</li>
<li>本产品不加密静态数据，归档日志也不加密；备份在设了 <code>-encrypt-to</code> 时加密。能读到这些数据的人，就能读到记录，包括密码的哈希和其中的密钥。</li>
</ul>
<h2 id="owasp-asvs-501-级和-2-级">OWASP ASVS 5.0，1 级和 2 级</h2>
<p><strong>不声明符合该标准。</strong> 没有独立的人审查过。编号凭记忆写出，并与 5.0.0 的英文文本核对过一次；依据任何一条之前，请与标准核对。措辞是我们自己的。
3 级从略。<em>尚未满足</em> 一栏有内容的行，表示部分满足；<em>满足之处</em> 一栏为空时，表示完全没有满足。
“由设计保证”表示没有什么可测试的；<em>测试</em> 一栏的“—”表示代码做到了，但没有专门的测试保证。</p>
<h3 id="v1-编码与净化">V1 编码与净化</h3>
<p>不适用：LDAP、XPath、LaTeX、来自编辑器的 HTML、用户的 SVG 或 Markdown、JNDI、memcache、邮件、XML（V1.2.6 至 V1.2.8，
V1.3.1、V1.3.4、V1.3.5、V1.3.8、V1.3.9、V1.3.11、V1.5.1）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V1.1.1 输入只解码一次，在检查之前</td>
<td><code>web/guards.go</code>、<code>web/decode.go</code></td>
<td><code>TestWhatIsNoTextIsRefusedWhereverItStands</code>、<code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V1.1.2 输出最后才编码，在使用之处</td>
<td><code>encoding/json</code>、Svelte 的文本、<code>web/print</code></td>
<td><code>TestTheRecordPrintsWhateverItHolds</code></td>
<td></td>
</tr>
<tr>
<td>V1.2.1 输出编码与所在位置相符</td>
<td><code>web/problem.go</code>（<code>reply</code>）、Svelte</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.2 地址的构造是安全的</td>
<td><code>web/ui/src</code>：只有自己的路径，其中的编号由服务器生成</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.3 JSON 和脚本由编码器构造</td>
<td><code>encoding/json</code>；页面不构造脚本</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V1.2.4 查询使用参数</td>
<td><code>dispatch/dispatchdb</code>、<code>telemetry/telemetrydb</code>（pgx）；<code>0015_rights.sql</code> 中的 <code>make_day</code></td>
<td><code>TestWhatTheServersRoleIsRefused</code></td>
<td></td>
</tr>
<tr>
<td>V1.2.5 系统命令不可注入</td>
<td><code>migrations/localpg</code>：启动程序不经 shell，不含用户的文本</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V1.2.9 用户的文本不成为正则表达式</td>
<td>所有表达式都是常量</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V1.3.2 不用 <code>eval</code> 之类</td>
<td>页面源码中没有 <code>eval</code>；内容安全策略只放行 WebAssembly（<code>wasm-unsafe-eval</code>，用于从相机读取标签），不放行其他</td>
<td><code>TestThePageAndWhatItNeeds</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.3 用于危险位置的文本先加限制</td>
<td><code>web/guards.go</code>、<code>telemetry/gateway/decode.go</code>，各业务包中的长度限制</td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.6 服务器不访问用户所填的地址</td>
<td>没有 <code>-notify</code> 时不访问任何地址（<code>-oidc-issuer</code> 的身份提供方由运维人员指定）；有时只访问公网 https 地址，以及运维人员指定的网络（<code>web/notify</code>）</td>
<td><code>TestNoticesReachAPhone</code></td>
<td></td>
</tr>
<tr>
<td>V1.3.7 不由用户的文本产生模板</td>
<td>没有模板</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V1.3.10 不由用户的文本产生格式字符串</td>
<td>Go；<code>go vet</code> 会检查</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V1.4.1 字符串和复制操作内存安全</td>
<td>Go、TypeScript</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V1.4.2 数值不会在不知不觉中溢出</td>
<td><code>web/decode.go</code>、<code>telemetry/gateway/decode.go</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code>、<code>FuzzDecode</code></td>
<td></td>
</tr>
<tr>
<td>V1.4.3 占用的资源会归还</td>
<td>Go；<code>telemetry/listen</code>；泄漏测试</td>
<td><code>TestSilentSocketsKeepNobodyOut</code>、<code>TestClosedConnectionsAreNotCounted</code></td>
<td></td>
</tr>
<tr>
<td>V1.5.2 从外部只读入预期的类型</td>
<td>JSON 读入固定类型，<code>web/decode.go</code>、<code>telemetry/gateway/decode.go</code></td>
<td><code>TestDecodeNamesTheField</code>、<code>FuzzDecodeOrder</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v2-验证与业务逻辑">V2 验证与业务逻辑</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V2.1.1 输入的形式有文档</td>
<td><code>web/api.yaml</code>、<a href="/help/devices">设备</a></td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V2.1.2 哪些内容须彼此相符有文档</td>
<td><code>migrations</code> 中的约束、<code>dispatch/delivery</code>、各包的 <code>doc.go</code></td>
<td><code>TestSchemaRefusesBrokenPromises</code></td>
<td></td>
</tr>
<tr>
<td>V2.1.3 单个用户和全体的限额有文档</td>
<td>本页、<a href="/help/devices">设备</a>、<code>web/turns.go</code></td>
<td>—</td>
<td>整个调度台的限额（一家医院未完成的请求、推送连接数、每天的文件数）只写在代码中</td>
</tr>
<tr>
<td>V2.2.1 输入与预期比较</td>
<td><code>web/decode.go</code>、<code>dispatch</code> 的各业务包、<code>telemetry/tracker.go</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code>、<code>TestWhatMayBeAskedFor</code>、<code>TestTimesThatAreStatedAreBounded</code></td>
<td></td>
</tr>
<tr>
<td>V2.2.2 无论页面做了什么，服务器都检查</td>
<td><code>dispatch</code>，数据库再查一次</td>
<td><code>TestBadInputIsRefusedAndCounted</code>、<code>TestSchemaRefusesBrokenPromises</code></td>
<td></td>
</tr>
<tr>
<td>V2.2.3 各项组合合理</td>
<td><code>dispatch/delivery</code>、<code>migrations</code> 中的约束</td>
<td><code>TestSchemaRefusesBrokenPromises</code>、<code>TestWhatMayBeAskedFor</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.1 步骤依次进行，不可跳过</td>
<td><code>dispatch/delivery</code>（一张步骤表）</td>
<td><code>TestWhatIsRefused</code>、<code>TestAStepIsRefusedByWhatIsWrongWithIt</code>、<code>TestFromAllocationToReceipt</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.2 遵守业务上的限额</td>
<td><code>dispatch</code>、<code>dispatch/dispatchdb</code></td>
<td><code>TestHowManyRequestsOfAHospitalAreOpen</code>、<code>TestSameKeySameRequest</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.3 更改要么完整，要么没有</td>
<td><code>dispatch/dispatchdb</code>（一个事务）</td>
<td><code>TestARequestThatCannotBeWrittenIsRefusedForNow</code>、<code>TestNothingAcknowledgedIsLostByKill</code></td>
<td></td>
</tr>
<tr>
<td>V2.3.4 同一样东西不会给出两次</td>
<td>行锁和排他约束</td>
<td><code>TestConcurrentAcceptsTakeEachThingOnce</code>、<code>TestTwoDronesOnePad</code></td>
<td></td>
</tr>
<tr>
<td>V2.4.1 机器不能无休止地请求</td>
<td><code>web/turns.go</code>、<code>telemetry/gateway/quota.go</code>、<code>telemetry/listen</code></td>
<td><code>TestWhatOneAccountMayAskFor</code>、<code>TestAnAccountAtFullSpeed</code>、<code>TestABodyOfUnknownLength</code>、<code>TestADeviceOverItsQuota</code>、<code>TestWhateverADeviceSendsIsMetered</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v3-web-前端">V3 Web 前端</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V3.2.1 答复不会被当作别的内容显示</td>
<td><code>web/guards.go</code>（<code>nosniff</code>、内容安全策略）</td>
<td><code>TestThePageAndWhatItNeeds</code>、<code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.2.2 文本按文本显示</td>
<td>Svelte；没有 <code>innerHTML</code>，<code>{@html}</code> 只用于指南，其内容在构建页面时生成</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V3.3.1 cookie 为 <code>Secure</code>，名称带前缀</td>
<td><code>web/auth.go</code>：服务器自身有 TLS 时为 <code>Secure</code></td>
<td><code>TestSigningInAnew</code></td>
<td>名称没有 <code>__Host-</code> 或 <code>__Secure-</code>；在代理之后（<code>-plain</code>），cookie 不是 <code>Secure</code></td>
</tr>
<tr>
<td>V3.3.2 <code>SameSite</code> 合适</td>
<td><code>web/auth.go</code>（<code>Strict</code>）；经身份提供方登录用的密封 cookie 须从那里带回：<code>Lax</code>，限于自己的路径（<code>web/byprovider.go</code>）</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V3.3.3 cookie 名称中有 <code>__Host-</code></td>
<td></td>
<td></td>
<td>有无 TLS 时名称相同；要满足就须不同</td>
</tr>
<tr>
<td>V3.3.4 <code>HttpOnly</code>，令牌只经 cookie 送出</td>
<td><code>web/auth.go</code>、<code>web/sessions.go</code></td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.1 HSTS 一年，含子域</td>
<td><code>web/guards.go</code>：一年</td>
<td><code>TestAnswersAreNotKept</code></td>
<td>不含子域，因为服务器无从知道；在代理之后没有 HSTS</td>
</tr>
<tr>
<td>V3.4.2 其他来源由固定清单放行</td>
<td>从不发送 CORS 头</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.3 有内容安全策略</td>
<td><code>web/guards.go</code>：<code>default-src &#39;none&#39;</code>，它也管住 object，以及 <code>base-uri &#39;none&#39;</code></td>
<td><code>TestThePageAndWhatItNeeds</code>、<code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.4 每个答复都有 <code>nosniff</code></td>
<td><code>web/guards.go</code></td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.5 有 Referrer 策略</td>
<td><code>web/guards.go</code>（<code>no-referrer</code>）</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.4.6 不能嵌入他人的页面</td>
<td><code>web/guards.go</code>（<code>frame-ancestors &#39;none&#39;</code>）</td>
<td><code>TestEveryAnswerBindsBrowsers</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.1 请求来自自己的页面</td>
<td><code>web/server.go</code>（Go 的跨来源防护）</td>
<td><code>TestAnotherOriginIsRefused</code>、<code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.2 需要预检的，没有预检就不起作用</td>
<td>同上，且正文类型须为 JSON，记录仪文件和供应方清单须为 CSV</td>
<td><code>TestAnotherOriginIsRefused</code>、<code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V3.5.3 更改内容的操作不用 GET</td>
<td><code>web/api.yaml</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V3.5.4 一个主机名只有一个应用</td>
<td></td>
<td></td>
<td>由运维人员选择；指南没有写明</td>
</tr>
<tr>
<td>V3.5.5 丢弃发给页面的外来消息</td>
<td>页面不接收其他窗口的消息；自己的各标签页之间告知退出登录（<code>BroadcastChannel</code>，仅限自身来源）</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V3.7.1 不用已淘汰的浏览器技术</td>
<td><code>web/ui</code></td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V3.7.2 不重定向到外部主机</td>
<td>只重定向到运维人员指定的身份提供方，不到其他主机</td>
<td>由设计保证</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v4-api-与-web-服务">V4 API 与 Web 服务</h3>
<p>不适用：GraphQL（V4.3），会话之外另给推送的令牌（V4.4.3、V4.4.4）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V4.1.1 内容类型正确，并带字符集</td>
<td><code>web/problem.go</code>、<code>web/coldchain.go</code>；测试中每个答复都与 <code>api.yaml</code> 比较</td>
<td><code>TestTheServerAsksTheTableOfPermits</code>、<code>TestTheColdChainOfADeliveryIsRead</code></td>
<td>SVG 曲线没有写明字符集</td>
</tr>
<tr>
<td>V4.1.2 API 不从 HTTP 重定向到 HTTPS</td>
<td>加密端口之外没有明文端口</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V4.1.3 代理的头不可伪造</td>
<td><code>web/caller.go</code>：一个也不读</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V4.2.1 消息的边界是确定的</td>
<td>Go 的 <code>net/http</code>；代理归运维人员负责</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V4.4.1 WebSocket 经 TLS</td>
<td>与 HTTPS 同一入口；回环地址之外拒绝明文</td>
<td><code>TestPlainTextStaysOnLoopback</code></td>
<td><code>-plain</code> 把它交给代理</td>
</tr>
<tr>
<td>V4.4.2 检查推送的来源</td>
<td><code>web/live/viewer.go</code>（只限自身主机）</td>
<td><code>TestTheFeedIsForTheOwnPage</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v5-文件处理">V5 文件处理</h3>
<p>唯一的上传是温度记录仪的 CSV 文件。上传的文件不提供给他人，不解压，不运行，也不以用户给的名称保存。不适用：
压缩包、公开目录、为他人下载所做的扫描（V5.2.3、V5.3.1、V5.4.3）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V5.1.1 哪些文件、多大，有文档</td>
<td><code>web/api.yaml</code>、<a href="/help/quality">质量</a></td>
<td>—</td>
<td>大小（记录仪文件 8 MB、供应方清单 2 MB、网络文件 16 MB、文档 256 kB）只写在代码中</td>
</tr>
<tr>
<td>V5.2.1 文件足够小</td>
<td><code>web/coldchain.go</code>、<code>web/units.go</code>、<code>web/networkfiles.go</code>、<code>web/documents.go</code>、<code>telemetry/coldchain/readings/read.go</code></td>
<td><code>TestALoggersFileIsComparedWithWhatWasHeard</code>、<code>TestWhatIsRefused</code></td>
<td></td>
</tr>
<tr>
<td>V5.2.2 内容与其所称相符</td>
<td><code>telemetry/coldchain/readings/read.go</code>、<code>dispatch/intake</code>、<code>dispatch/network</code>、<code>dispatch/document</code> 读取每一行</td>
<td><code>TestNoLineThatIsLostFlatters</code>、<code>FuzzRead</code></td>
<td></td>
</tr>
<tr>
<td>V5.3.2 路径不来自用户的文本</td>
<td>文件存入数据库；路径由运维人员的参数给出</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V5.4.1 下载文件的名称由我们决定</td>
<td><code>web/coldchain.go</code>、<code>web/zones.go</code>：配送编号或固定名称，加固定后缀</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V5.4.2 该名称经过编码</td>
<td><code>web/coldchain.go</code>：加引号；只有存在的编号才能走到这一步</td>
<td>—</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v6-身份认证">V6 身份认证</h3>
<p>不适用：一次性代码、电话、推送（V6.5、V6.6），SAML（V6.8.3），第二因素丢失（V6.4.4）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V6.1.1 如何阻挡猜测有文档</td>
<td>本页、<code>telemetry/attempts</code></td>
<td><code>TestWrongAttemptsWaitLongerAndLonger</code></td>
<td></td>
</tr>
<tr>
<td>V6.1.2 有一份不得用作密码的词表</td>
<td><code>web/password.go</code>：账号自己的名称、产品名</td>
<td><code>TestAPersonIsInvited</code></td>
<td>使用单位不能添加词语</td>
</tr>
<tr>
<td>V6.1.3 所有进入途径有文档</td>
<td>本页：密码换 cookie、密码换令牌、通行密钥或身份提供方换 cookie、访客和邀请的链接、设备的注册码、设备密钥</td>
<td><code>TestATokenIsForPrograms</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.1 密码至少 8 个字符</td>
<td><code>web/password.go</code>：12</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.2 各人可以修改自己的密码</td>
<td><code>web/accounts.go</code>、<code>web/ui/src/parts/ChangePassword.svelte</code></td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.3 修改时须有旧密码</td>
<td><code>web/accounts.go</code></td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.4 拒绝最常见的密码</td>
<td><code>web/password.go</code>（zxcvbn，其词表超过 30,000 条）</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.5 可用任何字符</td>
<td><code>web/password.go</code>：不规定字符种类</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V6.2.6 输入框遮住所输内容</td>
<td><code>web/ui/src/SignIn.svelte</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.7 可以粘贴，可用密码管理器</td>
<td><code>web/ui/src/SignIn.svelte</code>（<code>autocomplete</code>）</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.8 密码按输入原样比较</td>
<td><code>web/auth.go</code>：既不截断也不改动</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V6.2.9 允许 64 个字符</td>
<td><code>web/password.go</code>：128</td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.10 不定期强制更换</td>
<td>没有这种规定</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V6.2.11 词表确实在用</td>
<td><code>web/password.go</code></td>
<td><code>TestAPersonIsInvited</code></td>
<td></td>
</tr>
<tr>
<td>V6.2.12 拒绝已泄露的密码</td>
<td></td>
<td></td>
<td>尚不检查；需要一份无互联网的单位也能保存的清单</td>
</tr>
<tr>
<td>V6.3.1 阻挡猜测</td>
<td><code>telemetry/attempts</code>、<code>web/auth.go</code>、<code>telemetry/gateway/judge.go</code></td>
<td><code>TestGuessingIsSlowed</code>、<code>TestAnAddressThatTriesManyAccountsIsSlowed</code>、<code>TestManyAtOnceAreCountedBeforeTheyAreMade</code>、<code>TestGuessesOfADevicesSecret</code></td>
<td>在代理之后，所有人是同一地址</td>
</tr>
<tr>
<td>V6.3.2 没有默认账号</td>
<td><code>cmd/hemolift/serve.go</code>：<code>admin</code> 在其本人设置密码之前没有密码；另一管理员可以停用它</td>
<td><code>TestAnAdministratorInvitesPeople</code></td>
<td>第一个名称是固定的</td>
</tr>
<tr>
<td>V6.3.3 有第二因素</td>
<td><code>web/passkey</code>：通行密钥即设备加上解锁它的指纹、面容或 PIN，并要求解锁</td>
<td><code>TestAPasskeyThatLies</code>、<code>TestPeopleSignInByAPasskey</code></td>
<td>由各人选择：不强制任何角色</td>
</tr>
<tr>
<td>V6.3.4 各种进入途径强度相同</td>
<td><code>web/auth.go</code>：cookie 和令牌的要求相同</td>
<td><code>TestWhoIsNotLetIn</code></td>
<td>凭同一个密码，令牌可存续 30 天</td>
</tr>
<tr>
<td>V6.4.1 初始密码随机、短期、不保留</td>
<td>没有初始密码：邀请是随机的，48 小时后结束，以哈希保存（<code>dispatch/dispatchdb/invitation.go</code>）</td>
<td><code>TestAnInvitationIsForOnce</code></td>
<td></td>
</tr>
<tr>
<td>V6.4.2 没有提示或密保问题</td>
<td>没有</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V6.4.3 忘记的密码可以安全地重设</td>
<td>用邀请，与初次相同</td>
<td><code>TestAnAdministratorInvitesPeople</code></td>
<td>索要者是谁，由管理员辨认</td>
</tr>
<tr>
<td>V6.8.1 一个提供方的人不能冒充另一提供方的人</td>
<td>账号由 issuer 和 subject 一起查找</td>
<td><code>TestAnAccountIsJoinedByItsPersonAlone</code></td>
<td></td>
</tr>
<tr>
<td>V6.8.2 检查提供方所签的内容</td>
<td>V9</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V6.8.4 在提供方登录的强度</td>
<td>签署或授予权限时，提供方再次验证本人，并核对 <code>auth_time</code>（<code>web/provider/provider.go</code>）</td>
<td><code>TestAProviderAsksAPersonAgain</code>、<code>TestASignatureByTheProvider</code></td>
<td>不检查所用方式（<code>acr</code>、<code>amr</code>）：由提供方要求</td>
</tr>
</tbody></table></div>
<h3 id="v7-会话管理">V7 会话管理</h3>
<p>不适用：联合会话（V7.1.3、V7.6）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V7.1.1 有效期有文档，并说明理由</td>
<td>本页</td>
<td>—</td>
<td>没有给出理由；令牌 30 天而无闲置限制，偏长</td>
</tr>
<tr>
<td>V7.1.2 会话数量多少，超过怎样</td>
<td>本页、<code>dispatch/dispatchdb/session.go</code></td>
<td>—</td>
<td>一百个的限额没有测试</td>
</tr>
<tr>
<td>V7.2.1 服务器检查每个令牌</td>
<td><code>web/caller.go</code>、<code>dispatch/dispatchdb/session.go</code></td>
<td><code>TestTheServerAsksTheTableOfPermits</code></td>
<td></td>
</tr>
<tr>
<td>V7.2.2 令牌为会话而生成</td>
<td><code>web/auth.go</code></td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code>、<code>TestATokenIsForPrograms</code></td>
<td></td>
</tr>
<tr>
<td>V7.2.3 至少 128 位随机数</td>
<td><code>web/auth.go</code>：Go 的 <code>crypto/rand.Text</code>，130 位；只保存哈希</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V7.2.4 登录给出新令牌并结束旧令牌</td>
<td><code>web/sessions.go</code>：给出新的，浏览器原有的结束</td>
<td><code>TestSigningInAnew</code></td>
<td></td>
</tr>
<tr>
<td>V7.3.1 闲置的会话会结束</td>
<td><code>web/auth.go</code>：2 小时</td>
<td><code>TestSessionsEnd</code></td>
<td>打开的页面一直在请求，因此关闭后才算闲置；令牌没有闲置限制</td>
</tr>
<tr>
<td>V7.3.2 每个会话都会结束</td>
<td><code>web/auth.go</code>：12 小时、30 天</td>
<td><code>TestSessionsEnd</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.1 已结束的会话没有用处</td>
<td>行已删除；推送随之结束（<code>web/live/viewer.go</code>）</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code>、<code>TestSessionsOfOnesOwn</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.2 停用账号即结束其会话</td>
<td><code>dispatch/dispatchdb/account.go</code></td>
<td><code>TestADisabledAccountEndsAtOnce</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.3 新密码可以结束其他会话</td>
<td>会结束（<code>dispatch/dispatchdb/account.go</code>）</td>
<td><code>TestAPasswordIsChanged</code></td>
<td></td>
</tr>
<tr>
<td>V7.4.4 退出登录容易找到</td>
<td><code>web/ui/src/parts/Header.svelte</code></td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V7.4.5 管理员可以结束他人的会话</td>
<td>通过停用账号</td>
<td><code>TestADisabledAccountEndsAtOnce</code></td>
<td>不能逐个结束</td>
</tr>
<tr>
<td>V7.5.1 更改登录凭据须有密码</td>
<td><code>web/accounts.go</code></td>
<td><code>TestAPasswordIsChanged</code>、<code>TestAccountsAreManagedByWhoShowsThePassword</code></td>
<td>管理员的令牌不再要求任何东西</td>
</tr>
<tr>
<td>V7.5.2 各人再次输入密码后可查看并结束自己的会话</td>
<td><code>web/sessions.go</code>、<code>web/ui/src/parts/Sessions.svelte</code></td>
<td><code>TestSessionsOfOnesOwn</code></td>
<td>结束会话时不要求密码</td>
</tr>
</tbody></table></div>
<h3 id="v8-授权">V8 授权</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V8.1.1 谁可以对谁的什么做什么有文档</td>
<td><code>dispatch/delivery/permit.go</code></td>
<td><code>TestEveryOperationOfTheAPIHasARowOfPermits</code></td>
<td></td>
</tr>
<tr>
<td>V8.1.2 单个字段同样有文档</td>
<td><code>permit.go</code>：带斜线的行，如 <code>getEvents/audit</code>、<code>getBoard/plans</code></td>
<td><code>TestWhoMayDoWhat</code></td>
<td>各角色可写哪些其他字段，写在处理程序中</td>
</tr>
<tr>
<td>V8.2.1 操作须有许可</td>
<td><code>web/handlers.go</code>、<code>permit.go</code>；没有列出的一律拒绝</td>
<td><code>TestTheServerAsksTheTableOfPermits</code>、<code>TestTheTableOfPermitsAgainstTheServer</code>、<code>TestWhoMayDoWhat</code></td>
<td></td>
</tr>
<tr>
<td>V8.2.2 每个对象也须有许可</td>
<td><code>permit.go</code>（本单位的或全部），在 <code>dispatch</code> 中查询</td>
<td><code>TestPermitsAreOfSites</code>、<code>TestNobodyWithoutASiteHasAll</code>、<code>TestWhoOrderedItAgainstTheServer</code></td>
<td></td>
</tr>
<tr>
<td>V8.2.3 单个字段也须有许可</td>
<td><code>web/board.go</code>、<code>permit.go</code></td>
<td><code>TestTheLogKeepsSessions</code>、<code>TestWhatOperatorsSee</code></td>
<td></td>
</tr>
<tr>
<td>V8.3.1 由服务器决定</td>
<td><code>web</code>、<code>dispatch</code>；页面只隐藏会被拒绝的内容</td>
<td><code>TestTheTableOfPermitsAgainstTheServer</code></td>
<td></td>
</tr>
<tr>
<td>V8.4.1 一家医院碰不到另一家</td>
<td><code>permit.go</code> 中的单位；事件按单位划分</td>
<td><code>TestAHospitalsFeed</code>、<code>TestAHospitalPagesThroughItsEvents</code>、<code>TestTheTableOfPermitsAgainstTheServer</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v9-自包含令牌">V9 自包含令牌</h3>
<p>本产品自己的令牌是随机的，本身没有含义。身份提供方的令牌只在有人经它登录时读取一次。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V9.1.1 采信之前检查签名</td>
<td><code>web/provider/provider.go</code>（go-oidc）</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.1.2 只用列出的算法，绝不用 none</td>
<td>go-oidc：提供方所列的、使用密钥对的签名算法</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.1.3 密钥来自事先设定的来源</td>
<td>issuer 的地址是参数；密钥只来自那里，任何重定向都不会引向别处（<code>web/provider/bounded.go</code>）</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.2.1 检查其时间</td>
<td><code>web/provider/provider.go</code></td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V9.2.3 令牌是给本服务器的</td>
<td><code>web/provider/provider.go</code>：audience</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v10-oauth-与-oidc">V10 OAuth 与 OIDC</h3>
<p>运维人员指定身份提供方时，本产品是这一个提供方的客户端（<code>web/provider</code>）。不适用：V10.3、V10.4、V10.6 和 V10.7 针对签发令牌、或以令牌为凭证的一方；
V10.2.2 针对使用多个提供方的客户端。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V10.1.1 令牌只到需要的地方</td>
<td>浏览器得不到令牌；服务器认出本人后即不再保留</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V10.1.2 答复只在所属的浏览器、对所属的提问有效</td>
<td><code>web/provider/provider.go</code>：state、nonce 和 PKCE 各为 32 个随机字节，保存在浏览器的密封 cookie 中（gorilla/securecookie）</td>
<td><code>TestAnAnswerThatIsNotToTheQuestion</code></td>
<td></td>
</tr>
<tr>
<td>V10.2.1 不能把答复强加给浏览器</td>
<td>state、PKCE 和绑定，十分钟内、服务器的一次运行内有效；授权码在提供方只能用一次</td>
<td><code>TestAnAnswerThatIsNotToTheQuestion</code></td>
<td></td>
</tr>
<tr>
<td>V10.2.3 索取的不超过所需</td>
<td><code>openid</code>、<code>profile</code>、<code>email</code></td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V10.5.1 令牌不能出示两次</td>
<td>nonce</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.2 身份依据永不改变的内容认定</td>
<td>issuer 和 subject；从不用姓名或电子邮件（<code>dispatch/dispatchdb/identity.go</code>）</td>
<td><code>TestAnAccountIsJoinedByItsPersonAlone</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.3 提供方就是所设定的那一个</td>
<td>其描述必须写明所设定的 issuer</td>
<td><code>TestAProviderThatIsNotThere</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.4 令牌是给本客户端的</td>
<td>audience</td>
<td><code>TestAProviderThatLies</code></td>
<td></td>
</tr>
<tr>
<td>V10.5.5 由提供方退出登录</td>
<td></td>
<td></td>
<td>不支持：会话最长 12 小时，闲置两小时；停用账号即立即结束</td>
</tr>
</tbody></table></div>
<h3 id="v11-密码学">V11 密码学</h3>
<p>除 TLS 外，本产品自己不加密任何内容，也不从密码派生密钥。不适用：V11.3.1 至 V11.3.3，V11.4.4。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V11.1.1 有密钥及其寿命的管理规定</td>
<td></td>
<td></td>
<td>没有；TLS 私钥和用来打开加密备份的身份文件归运维人员</td>
</tr>
<tr>
<td>V11.1.2 有全部密码技术的清单</td>
<td>本页写明哈希和有效期</td>
<td>—</td>
<td>没有持续更新的密钥和证书清单</td>
</tr>
<tr>
<td>V11.2.1 使用公认的实现</td>
<td>Go 的标准库，经 <code>argon2id</code> 使用的 <code>x/crypto</code>，备份用 age，以及 go-oidc、gorilla/securecookie、webpush-go</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V11.2.2 算法可以更换</td>
<td><code>web/auth.go</code>：哈希带有自己的参数</td>
<td>—</td>
<td>旧哈希在登录时不更新；令牌和计划的 SHA-256 是固定的</td>
</tr>
<tr>
<td>V11.2.3 强度达到 128 位</td>
<td>SHA-256、130 位的密钥；证书归运维人员</td>
<td>—</td>
<td>不检查运维人员的密钥强度</td>
</tr>
<tr>
<td>V11.4.1 不用已被攻破的哈希</td>
<td>SHA-256、SHA-512、argon2id</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V11.4.2 密码用慢哈希</td>
<td><code>web/auth.go</code>（argon2id，64 MB，一轮）</td>
<td>—</td>
<td>并行度取决于生成哈希的机器；参数是库的默认值，不是我们的选择</td>
</tr>
<tr>
<td>V11.4.3 完整性哈希有 256 位</td>
<td>计划和文件：SHA-256；下载内容：SHA-512</td>
<td><code>TestFilesAreInTheLog</code></td>
<td></td>
</tr>
<tr>
<td>V11.5.1 不可猜测的内容有 128 位随机数</td>
<td><code>web/auth.go</code>、<code>web/devices.go</code> 中的 <code>crypto/rand.Text</code></td>
<td>—</td>
<td>演示共用的密码只有 50 位</td>
</tr>
<tr>
<td>V11.6.1 密钥和签名可靠</td>
<td>Go 的 TLS；Web Push 通知用服务器自己的密钥对签名，webhook 用 HMAC-SHA-256</td>
<td>由设计保证</td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v12-安全通信">V12 安全通信</h3>
<p>不适用：客户端证书（V12.1.3），服务之间的 HTTP（V12.3.3、V12.3.4）。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V12.1.1 只用 TLS 1.2 和 1.3</td>
<td>HTTPS 用 Go 的默认值；设备用 <code>cmd/hemolift/settings.go</code></td>
<td><code>TestADeviceDoorWithTLS</code></td>
<td>没有测试尝试更旧的版本</td>
</tr>
<tr>
<td>V12.1.2 密码套件良好</td>
<td>Go 的默认值</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V12.2.1 对人员使用 TLS，不能退回明文</td>
<td><code>cmd/hemolift/settings.go</code></td>
<td><code>TestPlainTextStaysOnLoopback</code></td>
<td><code>-plain</code> 把它交给代理</td>
</tr>
<tr>
<td>V12.2.2 有公众信任的证书</td>
<td></td>
<td></td>
<td>归运维人员；本产品不申请证书；<code>hemolift doctor</code> 在到期前三周开始警告</td>
</tr>
<tr>
<td>V12.3.1 对内对外都加密</td>
<td>设备入口：<code>cmd/hemolift/settings.go</code>；私有数据库：本机的套接字</td>
<td><code>TestADeviceDoorWithTLS</code>、<code>TestPlainTextStaysOnLoopback</code></td>
<td>别处的数据库按 <code>DATABASE_URL</code> 所写连接；不强制 TLS，指南的示例也没有要求</td>
</tr>
<tr>
<td>V12.3.2 检查对方的证书</td>
<td>数据库的证书，当 <code>DATABASE_URL</code> 有 <code>sslmode=verify-full</code> 时</td>
<td>—</td>
<td>不是默认，指南中也没有</td>
</tr>
</tbody></table></div>
<h3 id="v13-配置">V13 配置</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V13.1.1 与什么通信有文档</td>
<td>本页、<a href="/help/operator">运维</a></td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V13.2.1 各部分互相登录，且不用长期密码</td>
<td>设备：各有密钥</td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td>数据库密码不会自行更换；私有数据库信任其套接字；设备密钥永不到期</td>
</tr>
<tr>
<td>V13.2.2 权限不超过所需</td>
<td><code>migrations/rights.go</code>、<code>0015_rights.sql</code></td>
<td><code>TestWhatTheServersRoleMayDo</code>、<code>TestWhatTheServersRoleIsRefused</code>、<code>TestConnectionsWaitForNothingForEver</code></td>
<td>服务器也持有所有者的地址；只设 <code>DATABASE_URL</code> 时它可能就是所有者，会有警告</td>
</tr>
<tr>
<td>V13.2.3 各部分之间没有默认凭据</td>
<td>密钥现场生成，不随产品附带</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V13.2.4 有可访问的外部地址清单</td>
<td>见上面的入口表：数据库，以及 <code>-oidc-issuer</code> 和 <code>-notify</code> 所指的</td>
<td>由设计保证</td>
<td>没有附带防火墙或服务管理器的规则</td>
</tr>
<tr>
<td>V13.2.5 Web 服务器同样如此</td>
<td>页面在程序之内；由参数给出一个地图文件</td>
<td><code>TestThePageAndWhatItNeeds</code>、<code>TestTheOperatorsBasemap</code></td>
<td></td>
</tr>
<tr>
<td>V13.3.1 有存放机密信息的地方</td>
<td>源码和程序中都没有机密信息</td>
<td>—</td>
<td>用环境变量和文件；没有保险库，不能从文件描述符或凭据存储读取</td>
</tr>
<tr>
<td>V13.3.2 只有少数人能读到机密信息</td>
<td>数据库中是哈希；程序创建的文件只属其用户</td>
<td>—</td>
<td>不检查运维人员私钥文件的权限；服务器的数据库角色能读到密码哈希</td>
</tr>
<tr>
<td>V13.4.1 交付物中没有源码管理数据</td>
<td>一个可执行文件，<code>make release</code></td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V13.4.2 没有调试模式</td>
<td>程序中没有性能分析或调试页面</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V13.4.3 不列目录</td>
<td><code>web/static.go</code>：目录给出的是页面</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V13.4.4 没有 TRACE</td>
<td><code>web/static.go</code>，按方法设置路由</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V13.4.5 指标不对所有人开放</td>
<td><code>web/server.go</code>：管理员</td>
<td><code>TestWhatOperatorsSee</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v14-数据保护">V14 数据保护</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V14.1.1 敏感数据已指明并分级</td>
<td>本页指明</td>
<td>—</td>
<td>没有逐个字段，也没有对照法律</td>
</tr>
<tr>
<td>V14.1.2 各级的要求</td>
<td></td>
<td></td>
<td>没有写明；数据保存多久也没有</td>
</tr>
<tr>
<td>V14.2.1 地址中没有机密信息</td>
<td>令牌经请求头或 cookie，密码在正文中</td>
<td><code>TestAPasswordOpensASessionThatSigningOutEnds</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.2 途中没有缓存</td>
<td><code>web/guards.go</code>（<code>no-store</code>）</td>
<td><code>TestAnswersAreNotKept</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.3 不向第三方发送任何内容</td>
<td>内容安全策略；字体和地图在程序之内</td>
<td><code>TestThePageAndWhatItNeeds</code></td>
<td></td>
</tr>
<tr>
<td>V14.2.4 按各级要求设控制</td>
<td></td>
<td></td>
<td>尚未分级；静态数据不加密，要求时（<code>-encrypt-to</code>）备份除外，也不按时间删除</td>
</tr>
<tr>
<td>V14.3.1 退出登录后浏览器不留内容</td>
<td>页面重新载入；医院页面最后所知的内容被删除（<code>web/ui/src/last.ts</code>）</td>
<td><code>TestThePageComesUpWithoutALine</code></td>
<td>未能发出的请求留在浏览器的存储中；没有 <code>Clear-Site-Data</code></td>
</tr>
<tr>
<td>V14.3.2 浏览器不保留答复</td>
<td><code>web/guards.go</code></td>
<td><code>TestAnswersAreNotKept</code></td>
<td></td>
</tr>
<tr>
<td>V14.3.3 浏览器的存储中没有敏感内容</td>
<td>语言、主题、快捷键；service worker 只保存页面文件，不保存答复（<code>web/ui/src/sw.ts</code>）</td>
<td>—</td>
<td>尚未送达的请求保存在那里，含血型、性别、年龄段和抗-D，以免丢失；医院页面最后所知的内容也保存到本人退出登录为止，以便断网时仍能显示</td>
</tr>
</tbody></table></div>
<h3 id="v15-安全编码与架构">V15 安全编码与架构</h3>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V15.1.1 多久更换有漏洞的依赖</td>
<td></td>
<td></td>
<td>没有承诺时限</td>
</tr>
<tr>
<td>V15.1.2 有全部组件的清单</td>
<td><code>make release</code>（CycloneDX）、<code>go.sum</code>、<code>package-lock.json</code></td>
<td><code>TestTheNoticesNameAllThatIsShipped</code></td>
<td></td>
</tr>
<tr>
<td>V15.1.3 哪些操作开销大、如何限制，有文档</td>
<td>本页、<code>web/turns.go</code>、<code>telemetry/attempts</code></td>
<td>—</td>
<td>规划、导出的一天和打印的记录没有按开销列出</td>
</tr>
<tr>
<td>V15.2.1 没有组件超过承诺的期限</td>
<td><code>make audit</code> 查询漏洞数据库</td>
<td>—</td>
<td>尚无承诺，也不会自动运行</td>
</tr>
<tr>
<td>V15.2.2 开销大的工作不会把别人挡在外面</td>
<td><code>web/turns.go</code>、<code>telemetry/attempts</code>（同时最多两个哈希）、数据库的超时</td>
<td><code>TestSoManyRequestsOfAnAccountAreWorkedOn</code>、<code>TestTheQueueIsBoundedAndLeft</code>、<code>TestConnectionsWaitForNothingForEver</code>、<code>TestSilentSocketsKeepNobodyOut</code></td>
<td></td>
</tr>
<tr>
<td>V15.2.3 没有生产中不需要的内容</td>
<td></td>
<td></td>
<td><code>demo</code>、模拟和各种工具在同一程序中，但 <code>serve</code> 不启动其中任何一个</td>
</tr>
<tr>
<td>V15.3.1 只送出所需的字段</td>
<td><code>web</code>：每种资源一个视图；<code>web/apicheck</code> 比较测试中的每个答复</td>
<td><code>TestTheTableOfPermitsAgainstTheServer</code>、<code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.2 不跟随重定向</td>
<td><code>web/notify</code> 一概不跟随</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V15.3.3 只接受应有的字段</td>
<td><code>web/decode.go</code>：拒绝未知字段</td>
<td><code>TestDecodeNamesTheField</code>、<code>TestBadInputIsRefusedAndCounted</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.4 在代理之后取得真实地址</td>
<td></td>
<td></td>
<td>取连接本身的地址；在代理之后就是代理的地址，限额和日志都是如此</td>
</tr>
<tr>
<td>V15.3.5 类型严格</td>
<td>Go、<code>web/decode.go</code>、TypeScript</td>
<td><code>TestDecodeNamesTheField</code></td>
<td></td>
</tr>
<tr>
<td>V15.3.6 没有原型污染</td>
<td><code>web/ui/src</code>：有类型；没有合并外来对象之处</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V15.3.7 参数给出两次不造成危害</td>
<td><code>web/decode.go</code>、<code>web/server.go</code>（<code>badParameter</code>）</td>
<td><code>TestDecodeNamesTheField</code></td>
<td>查询中重复的参数没有测试</td>
</tr>
</tbody></table></div>
<h3 id="v16-安全日志与错误处理">V16 安全日志与错误处理</h3>
<p>有两种日志：数据库中的事件日志，和程序自己在错误输出上的日志。</p>
<div class="wide" tabindex="0"><table>
<thead>
<tr>
<th>要求</th>
<th>满足之处</th>
<th>测试</th>
<th>尚未满足：原因</th>
</tr>
</thead>
<tbody><tr>
<td>V16.1.1 什么记在哪里、保存多久</td>
<td></td>
<td></td>
<td>没有列出；事件日志从不删除，程序的日志归服务管理器</td>
</tr>
<tr>
<td>V16.2.1 何时、何地、何人、何事</td>
<td><code>dispatch/dispatchdb/log.go</code>、<code>web/audit.go</code></td>
<td><code>TestTheAuditTellsTheWhole</code>、<code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V16.2.2 时钟一致，时间带时区</td>
<td>服务器时钟用 UTC，<code>cmd/hemolift/clock.go</code></td>
<td><code>TestTheMachinesClockSteps</code>、<code>TestTheClockNeverGoesBack</code>、<code>TestAStartBehindTheRecord</code></td>
<td></td>
</tr>
<tr>
<td>V16.2.3 日志只写到文档所列的地方</td>
<td>上述两种，以及私有数据库中 PostgreSQL 自己的文件</td>
<td>由设计保证</td>
<td></td>
</tr>
<tr>
<td>V16.2.4 日志可由机器读取</td>
<td><code>slog</code> 文本，或用 <code>-log-json</code> 输出 JSON；API 的事件</td>
<td>—</td>
<td></td>
</tr>
<tr>
<td>V16.2.5 日志中没有机密信息</td>
<td><code>telemetry/gateway/log.go</code>、<code>web/auth.go</code>：不保存不存在的账号名</td>
<td><code>TestTheBrokersLogIsShortAndHoldsNoSecret</code>、<code>TestTheLogKeepsSessions</code></td>
<td></td>
</tr>
<tr>
<td>V16.3.1 每次登录，无论对错</td>
<td><code>dispatch/dispatchdb/session.go</code></td>
<td><code>TestTheLogKeepsSessions</code></td>
<td>来得过早的尝试和设备的错误密钥，只计入指标</td>
</tr>
<tr>
<td>V16.3.2 被禁止的操作</td>
<td><code>web/audit.go</code>：每种每分钟一次，并写明次数</td>
<td><code>TestTheAuditTellsTheWhole</code></td>
<td></td>
</tr>
<tr>
<td>V16.3.3 绕过规则的企图</td>
<td>计数：<code>hemolift_problems_total</code>、<code>hemolift_device_refused_total</code></td>
<td><code>TestBadInputIsRefusedAndCounted</code></td>
<td>被拒绝的输入和超出份额的请求没有逐条记录</td>
</tr>
<tr>
<td>V16.3.4 我们自身的和控制措施的故障</td>
<td><code>web/problem.go</code>、<code>web/guards.go</code></td>
<td><code>TestAHandlerThatPanicsIsAnsweredFor</code></td>
<td>人员入口失败的 TLS 握手默认不记录</td>
</tr>
<tr>
<td>V16.4.1 日志行不可伪造</td>
<td><code>slog</code> 加引号；事件是数据库中的行</td>
<td><code>TestTheBrokersLogIsShortAndHoldsNoSecret</code></td>
<td></td>
</tr>
<tr>
<td>V16.4.2 日志不可更改，只有少数人能读</td>
<td><code>migrations/rights.go</code>、触发器、<code>permit.go</code></td>
<td><code>TestWhatTheServersRoleMayDo</code>、<code>TestSchemaRefusesBrokenPromises</code>、<code>TestAHospitalPagesThroughItsEvents</code></td>
<td>数据库的所有者可以更改；尚无哈希链</td>
</tr>
<tr>
<td>V16.4.3 日志送往另一系统</td>
<td></td>
<td></td>
<td>本产品不做；运维人员可以收集错误输出，并经 API 收集事件</td>
</tr>
<tr>
<td>V16.5.1 错误不透露内部情况</td>
<td><code>web/problem.go</code>、<code>web/guards.go</code></td>
<td><code>TestInternalErrorsTellNothing</code>、<code>TestAHandlerThatPanicsIsAnsweredFor</code></td>
<td></td>
</tr>
<tr>
<td>V16.5.2 缺少一个部分不会使它不安全</td>
<td><code>dispatch/dispatchdb/connect.go</code>、<code>lease.go</code></td>
<td><code>TestADatabaseWithoutRoomIsNotReady</code>、<code>TestNotReadyWithoutTheDatabase</code>、<code>TestAServerWithoutItsPostgresEndsAndStartsAgain</code>、<code>TestOneServerOnARecord</code></td>
<td></td>
</tr>
<tr>
<td>V16.5.3 故障绝不会放行什么</td>
<td>没有许可即拒绝；保存之后才确认</td>
<td><code>TestUnstoredIsNeitherAcknowledgedNorShown</code>、<code>TestARequestThatCannotBeWrittenIsRefusedForNow</code>、<code>TestWhoMayDoWhat</code></td>
<td></td>
</tr>
</tbody></table></div>
<h3 id="v17-webrtc">V17 WebRTC</h3>
<p>不适用：没有使用。</p>
`,sections:[{id:`安全`,title:`安全`,text:`


本页写给决定 Hemolift 能否在某个单位运行的人：先说保护什么、防谁、怎样防；再列出一项公认标准的各项要求，每项由哪个测试保证，以及尚未满足的是什么。



`},{id:`威胁模型`,title:`威胁模型`,text:`


**值得保护的**，后果最重的在前：



1. *在飞的。* 任务、放行、返航或新航线若出自不该下令的人，会伤及地面人员。
2. *正确的血液。* 哪一袋在哪只箱里、由谁复核、温度多高，以及判定。
3. *记录。* 交接、判定、采样，以及谁做过什么的日志，事后不得更改。
4. *服务。* 调度台没有应答，血液就会延误。
5. *机密信息。* 密码、会话令牌、设备密钥、数据库密码、TLS 私钥。
6. *关于患者的信息。* 请求可以写明性别、年龄段和抗-D，从不写姓名或病案号。这些与医院和时刻合在一起，仍可能指向某个人。



**谁可能攻击。** 网络上没有账号的人；猜到或偷到密码、令牌的人；有账号而越权的人，或借同事未退出的会话行事的人；已登录者所访问的某个网页；
损坏、被盗或被冒充的无人机或运输箱；变坏的依赖组件；能接触到机器的人。



**各个入口。**



| 入口 | 谁进来 | 靠什么把守 |
|---|---|---|
| 页面和 API（HTTP） | 人员用密码和 cookie，程序用密码和令牌 | 回环地址之外用 TLS，除非 \`-plain\`；猜测被减速；只限自身来源；正文按严格方式读取；每个账号的请求和工作量有份额 |
| 访客链接（HTTP） | 持有链接的任何人，无需账号 | 130 位随机数，以哈希保存，位于地址中 \`#\` 之后，浏览器不会发送这一部分；一项操作、一次配送、只读；会到期，可撤销，有日志；每秒两次查询 |
| 邀请链接（HTTP） | 持有链接的任何人，无需账号 | 130 位随机数，以哈希保存，位于 \`#\` 之后；只能为一个账号设置一次密码，48 小时内有效；被撤回、被取代或账号停用后，什么也打不开；有日志 |
| 设备注册（HTTP） | 持有其注册码的任何人 | 50 位随机数，以哈希保存，只供一台设备，仅一次，一小时内有效；猜测被减速；有日志 |
| 实时推送（WebSocket） | 同样的会话 | 只限自身来源；每个观看者只收到本单位的事件；随会话结束 |
| 设备入口（MQTT） | 无人机和运输箱，各用自己的密钥 | 回环地址之外用 TLS，除非 \`-plain\`；只限自己的主题，不接受遗嘱消息，不保留消息；有限额；猜测被减速；换新密钥即断开旧连接 |
| 政策与温度要求（HTTP） | 管理员和质量人员，在浏览器中须不久前输入过密码 | 全部读入并检查之后才写入；由另一位质量人员按其所见内容的 SHA-256 批准，每次须输入密码；所有版本均保留，只增不改 |
| 启动时给出的文件 | 运维人员 | 网络、政策和温度要求文件在服务器开始服务之前检查 |
| 网络文件（HTTP） | 管辖所有单位的管理员，在浏览器中须不久前输入过密码 | 全部读入并检查之后才写入；可预览；正在执行的不受移动；每个值的原来和现在都记入日志 |
| 数据库 | 服务器 | 不拥有任何对象的数据库角色；或同一角色兼作所有者，并有警告；一份记录只由一个服务器使用 |
| 对外 | 无，除非运维人员设了 \`-oidc-issuer\` 或 \`-notify\` | 前者是身份提供方自己的地址；后者是用户和管理员所填的推送服务地址和 webhook 地址：只用 https，不跟随重定向，不访问内网地址，\`-notify-inside\` 指定的除外，建立连接时检查；每次 10 s，各试三次，同时最多 32 个；不发送患者、血型、血袋或人员的任何信息。在没有 PostgreSQL 的机器上，由 \`npm\` 获取一次固定版本和 SHA-512 的 PostgreSQL |



**内部靠什么把守。**



- 谁可以对谁的什么做什么，写在一张表里（[permit.go](../../dispatch/delivery/permit.go)）。表中没有的一律拒绝。
- 政策要求第二人时，血袋须由分配人以外的另一人复核；此时数据库也拒绝同一人。不符的扫码会被拒绝。
- 放行起飞之前，无人机须答复其计划的哈希。
- 服务器的数据库角色只能追加日志、交接、判定、采样和文件，不能更改其中任何一条（[rights.go](../../migrations/rights.go)）；对日志和交接，
  触发器连所有者的更改也拒绝。
- 设备、人员或文件所写的时间是佐证，与服务器自身的时间并列保存；记录按服务器的时间排序。
- 给人或设备的确认，表示数据库已经提交。



**登录的各项数值。** 密码以 argon2id 保存（64 MB，一轮），令牌和设备密钥（130 位随机数）以 SHA-256 保存。人员的会话 12 小时后结束，
2 小时没有请求也结束；程序的令牌 30 天后结束。一个账号最多 100 个会话；最早的先结束。同一地址对同一账号输错三次密码后，每次再试等待更久，
从 1 s 到 1 分钟；同一地址输错三十次后，最长 5 s。不会锁定任何人。一个账号每秒可请求 50 次（停顿之后一次可达 500），大的正文和耗时的工作按多次计。
设备的限额见 [设备](devices.md)。



**仍然存在的风险。**



- 单凭密码即可使用任何角色，包括管理员和飞行监控，并可由此取得 30 天的令牌。
- 管理员的令牌可以管理账号，无需再次输入密码。数据库权限允许服务器更改角色和密码，因此被攻占的服务器可以把自己变成管理员；日志会有记载。
- 邀请链接在使用之前等同于密码，为期 48 小时：它经由管理员所选的任何途径送出。
- 在代理之后使用 \`-plain\` 时，cookie 没有 \`Secure\` 标记，不发送 HSTS，所有人都是代理的地址：日志记下的是这个地址，一人输错密码会使所有人等待，
  猜测者也能使账号的主人一直等待。
- 数据库权限挡得住注入的 SQL，挡不住在服务器内运行的代码：服务器持有所有者的地址，而私有 PostgreSQL 信任能到达其套接字的任何人（自身的用户和 root）。
- 日志只能追加，但没有链接成链，也不复制到别处；数据库或机器的所有者可以更改它。
- 推送服务的密钥对和 webhook 的密钥以原样保存在数据库中：能读到的人可以冒充服务器签名。
- 访客链接转给谁都有效，直到到期或被撤销。它透露载有血液的无人机在哪里。
- 未锁定的屏幕以其登录者的身份行事：只有病房结束配送时再次要求密码。
- 被盗的无人机或运输箱，在管理员更换其密钥之前仍以自己的身份通信。它报告的数值只要在范围之内就会被采信。
- 地图上无人机的位置是它自己所报；没有别的手段在地面核实。
- 本产品不加密静态数据，归档日志也不加密；备份在设了 \`-encrypt-to\` 时加密。能读到这些数据的人，就能读到记录，包括密码的哈希和其中的密钥。



`},{id:`owasp-asvs-501-级和-2-级`,title:`OWASP ASVS 5.0，1 级和 2 级`,text:`


**不声明符合该标准。** 没有独立的人审查过。编号凭记忆写出，并与 5.0.0 的英文文本核对过一次；依据任何一条之前，请与标准核对。措辞是我们自己的。
3 级从略。*尚未满足* 一栏有内容的行，表示部分满足；*满足之处* 一栏为空时，表示完全没有满足。
“由设计保证”表示没有什么可测试的；*测试* 一栏的“—”表示代码做到了，但没有专门的测试保证。



`},{id:`v1-编码与净化`,title:`V1 编码与净化`,text:"\n\n\n不适用：LDAP、XPath、LaTeX、来自编辑器的 HTML、用户的 SVG 或 Markdown、JNDI、memcache、邮件、XML（V1.2.6 至 V1.2.8，\nV1.3.1、V1.3.4、V1.3.5、V1.3.8、V1.3.9、V1.3.11、V1.5.1）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V1.1.1 输入只解码一次，在检查之前 | `web/guards.go`、`web/decode.go` | `TestWhatIsNoTextIsRefusedWhereverItStands`、`TestDecodeNamesTheField` |  |\n| V1.1.2 输出最后才编码，在使用之处 | `encoding/json`、Svelte 的文本、`web/print` | `TestTheRecordPrintsWhateverItHolds` |  |\n| V1.2.1 输出编码与所在位置相符 | `web/problem.go`（`reply`）、Svelte | — |  |\n| V1.2.2 地址的构造是安全的 | `web/ui/src`：只有自己的路径，其中的编号由服务器生成 | — |  |\n| V1.2.3 JSON 和脚本由编码器构造 | `encoding/json`；页面不构造脚本 | — |  |\n| V1.2.4 查询使用参数 | `dispatch/dispatchdb`、`telemetry/telemetrydb`（pgx）；`0015_rights.sql` 中的 `make_day` | `TestWhatTheServersRoleIsRefused` |  |\n| V1.2.5 系统命令不可注入 | `migrations/localpg`：启动程序不经 shell，不含用户的文本 | 由设计保证 |  |\n| V1.2.9 用户的文本不成为正则表达式 | 所有表达式都是常量 | 由设计保证 |  |\n| V1.3.2 不用 `eval` 之类 | 页面源码中没有 `eval`；内容安全策略只放行 WebAssembly（`wasm-unsafe-eval`，用于从相机读取标签），不放行其他 | `TestThePageAndWhatItNeeds` |  |\n| V1.3.3 用于危险位置的文本先加限制 | `web/guards.go`、`telemetry/gateway/decode.go`，各业务包中的长度限制 | `TestBadInputIsRefusedAndCounted` |  |\n| V1.3.6 服务器不访问用户所填的地址 | 没有 `-notify` 时不访问任何地址（`-oidc-issuer` 的身份提供方由运维人员指定）；有时只访问公网 https 地址，以及运维人员指定的网络（`web/notify`） | `TestNoticesReachAPhone` |  |\n| V1.3.7 不由用户的文本产生模板 | 没有模板 | 由设计保证 |  |\n| V1.3.10 不由用户的文本产生格式字符串 | Go；`go vet` 会检查 | 由设计保证 |  |\n| V1.4.1 字符串和复制操作内存安全 | Go、TypeScript | 由设计保证 |  |\n| V1.4.2 数值不会在不知不觉中溢出 | `web/decode.go`、`telemetry/gateway/decode.go` | `TestBadInputIsRefusedAndCounted`、`FuzzDecode` |  |\n| V1.4.3 占用的资源会归还 | Go；`telemetry/listen`；泄漏测试 | `TestSilentSocketsKeepNobodyOut`、`TestClosedConnectionsAreNotCounted` |  |\n| V1.5.2 从外部只读入预期的类型 | JSON 读入固定类型，`web/decode.go`、`telemetry/gateway/decode.go` | `TestDecodeNamesTheField`、`FuzzDecodeOrder` |  |\n\n\n\n"},{id:`v2-验证与业务逻辑`,title:`V2 验证与业务逻辑`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V2.1.1 输入的形式有文档 | `web/api.yaml`、[设备](devices.md) | 由设计保证 |  |\n| V2.1.2 哪些内容须彼此相符有文档 | `migrations` 中的约束、`dispatch/delivery`、各包的 `doc.go` | `TestSchemaRefusesBrokenPromises` |  |\n| V2.1.3 单个用户和全体的限额有文档 | 本页、[设备](devices.md)、`web/turns.go` | — | 整个调度台的限额（一家医院未完成的请求、推送连接数、每天的文件数）只写在代码中 |\n| V2.2.1 输入与预期比较 | `web/decode.go`、`dispatch` 的各业务包、`telemetry/tracker.go` | `TestBadInputIsRefusedAndCounted`、`TestWhatMayBeAskedFor`、`TestTimesThatAreStatedAreBounded` |  |\n| V2.2.2 无论页面做了什么，服务器都检查 | `dispatch`，数据库再查一次 | `TestBadInputIsRefusedAndCounted`、`TestSchemaRefusesBrokenPromises` |  |\n| V2.2.3 各项组合合理 | `dispatch/delivery`、`migrations` 中的约束 | `TestSchemaRefusesBrokenPromises`、`TestWhatMayBeAskedFor` |  |\n| V2.3.1 步骤依次进行，不可跳过 | `dispatch/delivery`（一张步骤表） | `TestWhatIsRefused`、`TestAStepIsRefusedByWhatIsWrongWithIt`、`TestFromAllocationToReceipt` |  |\n| V2.3.2 遵守业务上的限额 | `dispatch`、`dispatch/dispatchdb` | `TestHowManyRequestsOfAHospitalAreOpen`、`TestSameKeySameRequest` |  |\n| V2.3.3 更改要么完整，要么没有 | `dispatch/dispatchdb`（一个事务） | `TestARequestThatCannotBeWrittenIsRefusedForNow`、`TestNothingAcknowledgedIsLostByKill` |  |\n| V2.3.4 同一样东西不会给出两次 | 行锁和排他约束 | `TestConcurrentAcceptsTakeEachThingOnce`、`TestTwoDronesOnePad` |  |\n| V2.4.1 机器不能无休止地请求 | `web/turns.go`、`telemetry/gateway/quota.go`、`telemetry/listen` | `TestWhatOneAccountMayAskFor`、`TestAnAccountAtFullSpeed`、`TestABodyOfUnknownLength`、`TestADeviceOverItsQuota`、`TestWhateverADeviceSendsIsMetered` |  |\n\n\n\n"},{id:`v3-web-前端`,title:`V3 Web 前端`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V3.2.1 答复不会被当作别的内容显示 | `web/guards.go`（`nosniff`、内容安全策略） | `TestThePageAndWhatItNeeds`、`TestEveryAnswerBindsBrowsers` |  |\n| V3.2.2 文本按文本显示 | Svelte；没有 `innerHTML`，`{@html}` 只用于指南，其内容在构建页面时生成 | — |  |\n| V3.3.1 cookie 为 `Secure`，名称带前缀 | `web/auth.go`：服务器自身有 TLS 时为 `Secure` | `TestSigningInAnew` | 名称没有 `__Host-` 或 `__Secure-`；在代理之后（`-plain`），cookie 不是 `Secure` |\n| V3.3.2 `SameSite` 合适 | `web/auth.go`（`Strict`）；经身份提供方登录用的密封 cookie 须从那里带回：`Lax`，限于自己的路径（`web/byprovider.go`） | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V3.3.3 cookie 名称中有 `__Host-` |  |  | 有无 TLS 时名称相同；要满足就须不同 |\n| V3.3.4 `HttpOnly`，令牌只经 cookie 送出 | `web/auth.go`、`web/sessions.go` | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V3.4.1 HSTS 一年，含子域 | `web/guards.go`：一年 | `TestAnswersAreNotKept` | 不含子域，因为服务器无从知道；在代理之后没有 HSTS |\n| V3.4.2 其他来源由固定清单放行 | 从不发送 CORS 头 | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.3 有内容安全策略 | `web/guards.go`：`default-src 'none'`，它也管住 object，以及 `base-uri 'none'` | `TestThePageAndWhatItNeeds`、`TestEveryAnswerBindsBrowsers` |  |\n| V3.4.4 每个答复都有 `nosniff` | `web/guards.go` | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.5 有 Referrer 策略 | `web/guards.go`（`no-referrer`） | `TestEveryAnswerBindsBrowsers` |  |\n| V3.4.6 不能嵌入他人的页面 | `web/guards.go`（`frame-ancestors 'none'`） | `TestEveryAnswerBindsBrowsers` |  |\n| V3.5.1 请求来自自己的页面 | `web/server.go`（Go 的跨来源防护） | `TestAnotherOriginIsRefused`、`TestBadInputIsRefusedAndCounted` |  |\n| V3.5.2 需要预检的，没有预检就不起作用 | 同上，且正文类型须为 JSON，记录仪文件和供应方清单须为 CSV | `TestAnotherOriginIsRefused`、`TestDecodeNamesTheField` |  |\n| V3.5.3 更改内容的操作不用 GET | `web/api.yaml` | — |  |\n| V3.5.4 一个主机名只有一个应用 |  |  | 由运维人员选择；指南没有写明 |\n| V3.5.5 丢弃发给页面的外来消息 | 页面不接收其他窗口的消息；自己的各标签页之间告知退出登录（`BroadcastChannel`，仅限自身来源） | 由设计保证 |  |\n| V3.7.1 不用已淘汰的浏览器技术 | `web/ui` | 由设计保证 |  |\n| V3.7.2 不重定向到外部主机 | 只重定向到运维人员指定的身份提供方，不到其他主机 | 由设计保证 |  |\n\n\n\n"},{id:`v4-api-与-web-服务`,title:`V4 API 与 Web 服务`,text:"\n\n\n不适用：GraphQL（V4.3），会话之外另给推送的令牌（V4.4.3、V4.4.4）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V4.1.1 内容类型正确，并带字符集 | `web/problem.go`、`web/coldchain.go`；测试中每个答复都与 `api.yaml` 比较 | `TestTheServerAsksTheTableOfPermits`、`TestTheColdChainOfADeliveryIsRead` | SVG 曲线没有写明字符集 |\n| V4.1.2 API 不从 HTTP 重定向到 HTTPS | 加密端口之外没有明文端口 | 由设计保证 |  |\n| V4.1.3 代理的头不可伪造 | `web/caller.go`：一个也不读 | 由设计保证 |  |\n| V4.2.1 消息的边界是确定的 | Go 的 `net/http`；代理归运维人员负责 | 由设计保证 |  |\n| V4.4.1 WebSocket 经 TLS | 与 HTTPS 同一入口；回环地址之外拒绝明文 | `TestPlainTextStaysOnLoopback` | `-plain` 把它交给代理 |\n| V4.4.2 检查推送的来源 | `web/live/viewer.go`（只限自身主机） | `TestTheFeedIsForTheOwnPage` |  |\n\n\n\n"},{id:`v5-文件处理`,title:`V5 文件处理`,text:"\n\n\n唯一的上传是温度记录仪的 CSV 文件。上传的文件不提供给他人，不解压，不运行，也不以用户给的名称保存。不适用：\n压缩包、公开目录、为他人下载所做的扫描（V5.2.3、V5.3.1、V5.4.3）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V5.1.1 哪些文件、多大，有文档 | `web/api.yaml`、[质量](quality.md) | — | 大小（记录仪文件 8 MB、供应方清单 2 MB、网络文件 16 MB、文档 256 kB）只写在代码中 |\n| V5.2.1 文件足够小 | `web/coldchain.go`、`web/units.go`、`web/networkfiles.go`、`web/documents.go`、`telemetry/coldchain/readings/read.go` | `TestALoggersFileIsComparedWithWhatWasHeard`、`TestWhatIsRefused` |  |\n| V5.2.2 内容与其所称相符 | `telemetry/coldchain/readings/read.go`、`dispatch/intake`、`dispatch/network`、`dispatch/document` 读取每一行 | `TestNoLineThatIsLostFlatters`、`FuzzRead` |  |\n| V5.3.2 路径不来自用户的文本 | 文件存入数据库；路径由运维人员的参数给出 | 由设计保证 |  |\n| V5.4.1 下载文件的名称由我们决定 | `web/coldchain.go`、`web/zones.go`：配送编号或固定名称，加固定后缀 | — |  |\n| V5.4.2 该名称经过编码 | `web/coldchain.go`：加引号；只有存在的编号才能走到这一步 | — |  |\n\n\n\n"},{id:`v6-身份认证`,title:`V6 身份认证`,text:"\n\n\n不适用：一次性代码、电话、推送（V6.5、V6.6），SAML（V6.8.3），第二因素丢失（V6.4.4）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V6.1.1 如何阻挡猜测有文档 | 本页、`telemetry/attempts` | `TestWrongAttemptsWaitLongerAndLonger` |  |\n| V6.1.2 有一份不得用作密码的词表 | `web/password.go`：账号自己的名称、产品名 | `TestAPersonIsInvited` | 使用单位不能添加词语 |\n| V6.1.3 所有进入途径有文档 | 本页：密码换 cookie、密码换令牌、通行密钥或身份提供方换 cookie、访客和邀请的链接、设备的注册码、设备密钥 | `TestATokenIsForPrograms` |  |\n| V6.2.1 密码至少 8 个字符 | `web/password.go`：12 | `TestAPersonIsInvited` |  |\n| V6.2.2 各人可以修改自己的密码 | `web/accounts.go`、`web/ui/src/parts/ChangePassword.svelte` | `TestAPasswordIsChanged` |  |\n| V6.2.3 修改时须有旧密码 | `web/accounts.go` | `TestAPasswordIsChanged` |  |\n| V6.2.4 拒绝最常见的密码 | `web/password.go`（zxcvbn，其词表超过 30,000 条） | `TestAPersonIsInvited` |  |\n| V6.2.5 可用任何字符 | `web/password.go`：不规定字符种类 | 由设计保证 |  |\n| V6.2.6 输入框遮住所输内容 | `web/ui/src/SignIn.svelte` | — |  |\n| V6.2.7 可以粘贴，可用密码管理器 | `web/ui/src/SignIn.svelte`（`autocomplete`） | — |  |\n| V6.2.8 密码按输入原样比较 | `web/auth.go`：既不截断也不改动 | — |  |\n| V6.2.9 允许 64 个字符 | `web/password.go`：128 | `TestAPersonIsInvited` |  |\n| V6.2.10 不定期强制更换 | 没有这种规定 | 由设计保证 |  |\n| V6.2.11 词表确实在用 | `web/password.go` | `TestAPersonIsInvited` |  |\n| V6.2.12 拒绝已泄露的密码 |  |  | 尚不检查；需要一份无互联网的单位也能保存的清单 |\n| V6.3.1 阻挡猜测 | `telemetry/attempts`、`web/auth.go`、`telemetry/gateway/judge.go` | `TestGuessingIsSlowed`、`TestAnAddressThatTriesManyAccountsIsSlowed`、`TestManyAtOnceAreCountedBeforeTheyAreMade`、`TestGuessesOfADevicesSecret` | 在代理之后，所有人是同一地址 |\n| V6.3.2 没有默认账号 | `cmd/hemolift/serve.go`：`admin` 在其本人设置密码之前没有密码；另一管理员可以停用它 | `TestAnAdministratorInvitesPeople` | 第一个名称是固定的 |\n| V6.3.3 有第二因素 | `web/passkey`：通行密钥即设备加上解锁它的指纹、面容或 PIN，并要求解锁 | `TestAPasskeyThatLies`、`TestPeopleSignInByAPasskey` | 由各人选择：不强制任何角色 |\n| V6.3.4 各种进入途径强度相同 | `web/auth.go`：cookie 和令牌的要求相同 | `TestWhoIsNotLetIn` | 凭同一个密码，令牌可存续 30 天 |\n| V6.4.1 初始密码随机、短期、不保留 | 没有初始密码：邀请是随机的，48 小时后结束，以哈希保存（`dispatch/dispatchdb/invitation.go`） | `TestAnInvitationIsForOnce` |  |\n| V6.4.2 没有提示或密保问题 | 没有 | 由设计保证 |  |\n| V6.4.3 忘记的密码可以安全地重设 | 用邀请，与初次相同 | `TestAnAdministratorInvitesPeople` | 索要者是谁，由管理员辨认 |\n| V6.8.1 一个提供方的人不能冒充另一提供方的人 | 账号由 issuer 和 subject 一起查找 | `TestAnAccountIsJoinedByItsPersonAlone` |  |\n| V6.8.2 检查提供方所签的内容 | V9 | `TestAProviderThatLies` |  |\n| V6.8.4 在提供方登录的强度 | 签署或授予权限时，提供方再次验证本人，并核对 `auth_time`（`web/provider/provider.go`） | `TestAProviderAsksAPersonAgain`、`TestASignatureByTheProvider` | 不检查所用方式（`acr`、`amr`）：由提供方要求 |\n\n\n\n"},{id:`v7-会话管理`,title:`V7 会话管理`,text:"\n\n\n不适用：联合会话（V7.1.3、V7.6）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V7.1.1 有效期有文档，并说明理由 | 本页 | — | 没有给出理由；令牌 30 天而无闲置限制，偏长 |\n| V7.1.2 会话数量多少，超过怎样 | 本页、`dispatch/dispatchdb/session.go` | — | 一百个的限额没有测试 |\n| V7.2.1 服务器检查每个令牌 | `web/caller.go`、`dispatch/dispatchdb/session.go` | `TestTheServerAsksTheTableOfPermits` |  |\n| V7.2.2 令牌为会话而生成 | `web/auth.go` | `TestAPasswordOpensASessionThatSigningOutEnds`、`TestATokenIsForPrograms` |  |\n| V7.2.3 至少 128 位随机数 | `web/auth.go`：Go 的 `crypto/rand.Text`，130 位；只保存哈希 | 由设计保证 |  |\n| V7.2.4 登录给出新令牌并结束旧令牌 | `web/sessions.go`：给出新的，浏览器原有的结束 | `TestSigningInAnew` |  |\n| V7.3.1 闲置的会话会结束 | `web/auth.go`：2 小时 | `TestSessionsEnd` | 打开的页面一直在请求，因此关闭后才算闲置；令牌没有闲置限制 |\n| V7.3.2 每个会话都会结束 | `web/auth.go`：12 小时、30 天 | `TestSessionsEnd` |  |\n| V7.4.1 已结束的会话没有用处 | 行已删除；推送随之结束（`web/live/viewer.go`） | `TestAPasswordOpensASessionThatSigningOutEnds`、`TestSessionsOfOnesOwn` |  |\n| V7.4.2 停用账号即结束其会话 | `dispatch/dispatchdb/account.go` | `TestADisabledAccountEndsAtOnce` |  |\n| V7.4.3 新密码可以结束其他会话 | 会结束（`dispatch/dispatchdb/account.go`） | `TestAPasswordIsChanged` |  |\n| V7.4.4 退出登录容易找到 | `web/ui/src/parts/Header.svelte` | — |  |\n| V7.4.5 管理员可以结束他人的会话 | 通过停用账号 | `TestADisabledAccountEndsAtOnce` | 不能逐个结束 |\n| V7.5.1 更改登录凭据须有密码 | `web/accounts.go` | `TestAPasswordIsChanged`、`TestAccountsAreManagedByWhoShowsThePassword` | 管理员的令牌不再要求任何东西 |\n| V7.5.2 各人再次输入密码后可查看并结束自己的会话 | `web/sessions.go`、`web/ui/src/parts/Sessions.svelte` | `TestSessionsOfOnesOwn` | 结束会话时不要求密码 |\n\n\n\n"},{id:`v8-授权`,title:`V8 授权`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V8.1.1 谁可以对谁的什么做什么有文档 | `dispatch/delivery/permit.go` | `TestEveryOperationOfTheAPIHasARowOfPermits` |  |\n| V8.1.2 单个字段同样有文档 | `permit.go`：带斜线的行，如 `getEvents/audit`、`getBoard/plans` | `TestWhoMayDoWhat` | 各角色可写哪些其他字段，写在处理程序中 |\n| V8.2.1 操作须有许可 | `web/handlers.go`、`permit.go`；没有列出的一律拒绝 | `TestTheServerAsksTheTableOfPermits`、`TestTheTableOfPermitsAgainstTheServer`、`TestWhoMayDoWhat` |  |\n| V8.2.2 每个对象也须有许可 | `permit.go`（本单位的或全部），在 `dispatch` 中查询 | `TestPermitsAreOfSites`、`TestNobodyWithoutASiteHasAll`、`TestWhoOrderedItAgainstTheServer` |  |\n| V8.2.3 单个字段也须有许可 | `web/board.go`、`permit.go` | `TestTheLogKeepsSessions`、`TestWhatOperatorsSee` |  |\n| V8.3.1 由服务器决定 | `web`、`dispatch`；页面只隐藏会被拒绝的内容 | `TestTheTableOfPermitsAgainstTheServer` |  |\n| V8.4.1 一家医院碰不到另一家 | `permit.go` 中的单位；事件按单位划分 | `TestAHospitalsFeed`、`TestAHospitalPagesThroughItsEvents`、`TestTheTableOfPermitsAgainstTheServer` |  |\n\n\n\n"},{id:`v9-自包含令牌`,title:`V9 自包含令牌`,text:"\n\n\n本产品自己的令牌是随机的，本身没有含义。身份提供方的令牌只在有人经它登录时读取一次。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V9.1.1 采信之前检查签名 | `web/provider/provider.go`（go-oidc） | `TestAProviderThatLies` |  |\n| V9.1.2 只用列出的算法，绝不用 none | go-oidc：提供方所列的、使用密钥对的签名算法 | `TestAProviderThatLies` |  |\n| V9.1.3 密钥来自事先设定的来源 | issuer 的地址是参数；密钥只来自那里，任何重定向都不会引向别处（`web/provider/bounded.go`） | `TestAProviderThatLies` |  |\n| V9.2.1 检查其时间 | `web/provider/provider.go` | `TestAProviderThatLies` |  |\n| V9.2.3 令牌是给本服务器的 | `web/provider/provider.go`：audience | `TestAProviderThatLies` |  |\n\n\n\n"},{id:`v10-oauth-与-oidc`,title:`V10 OAuth 与 OIDC`,text:"\n\n\n运维人员指定身份提供方时，本产品是这一个提供方的客户端（`web/provider`）。不适用：V10.3、V10.4、V10.6 和 V10.7 针对签发令牌、或以令牌为凭证的一方；\nV10.2.2 针对使用多个提供方的客户端。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V10.1.1 令牌只到需要的地方 | 浏览器得不到令牌；服务器认出本人后即不再保留 | 由设计保证 |  |\n| V10.1.2 答复只在所属的浏览器、对所属的提问有效 | `web/provider/provider.go`：state、nonce 和 PKCE 各为 32 个随机字节，保存在浏览器的密封 cookie 中（gorilla/securecookie） | `TestAnAnswerThatIsNotToTheQuestion` |  |\n| V10.2.1 不能把答复强加给浏览器 | state、PKCE 和绑定，十分钟内、服务器的一次运行内有效；授权码在提供方只能用一次 | `TestAnAnswerThatIsNotToTheQuestion` |  |\n| V10.2.3 索取的不超过所需 | `openid`、`profile`、`email` | 由设计保证 |  |\n| V10.5.1 令牌不能出示两次 | nonce | `TestAProviderThatLies` |  |\n| V10.5.2 身份依据永不改变的内容认定 | issuer 和 subject；从不用姓名或电子邮件（`dispatch/dispatchdb/identity.go`） | `TestAnAccountIsJoinedByItsPersonAlone` |  |\n| V10.5.3 提供方就是所设定的那一个 | 其描述必须写明所设定的 issuer | `TestAProviderThatIsNotThere` |  |\n| V10.5.4 令牌是给本客户端的 | audience | `TestAProviderThatLies` |  |\n| V10.5.5 由提供方退出登录 |  |  | 不支持：会话最长 12 小时，闲置两小时；停用账号即立即结束 |\n\n\n\n"},{id:`v11-密码学`,title:`V11 密码学`,text:`


除 TLS 外，本产品自己不加密任何内容，也不从密码派生密钥。不适用：V11.3.1 至 V11.3.3，V11.4.4。



| 要求 | 满足之处 | 测试 | 尚未满足：原因 |
|---|---|---|---|
| V11.1.1 有密钥及其寿命的管理规定 |  |  | 没有；TLS 私钥和用来打开加密备份的身份文件归运维人员 |
| V11.1.2 有全部密码技术的清单 | 本页写明哈希和有效期 | — | 没有持续更新的密钥和证书清单 |
| V11.2.1 使用公认的实现 | Go 的标准库，经 \`argon2id\` 使用的 \`x/crypto\`，备份用 age，以及 go-oidc、gorilla/securecookie、webpush-go | 由设计保证 |  |
| V11.2.2 算法可以更换 | \`web/auth.go\`：哈希带有自己的参数 | — | 旧哈希在登录时不更新；令牌和计划的 SHA-256 是固定的 |
| V11.2.3 强度达到 128 位 | SHA-256、130 位的密钥；证书归运维人员 | — | 不检查运维人员的密钥强度 |
| V11.4.1 不用已被攻破的哈希 | SHA-256、SHA-512、argon2id | 由设计保证 |  |
| V11.4.2 密码用慢哈希 | \`web/auth.go\`（argon2id，64 MB，一轮） | — | 并行度取决于生成哈希的机器；参数是库的默认值，不是我们的选择 |
| V11.4.3 完整性哈希有 256 位 | 计划和文件：SHA-256；下载内容：SHA-512 | \`TestFilesAreInTheLog\` |  |
| V11.5.1 不可猜测的内容有 128 位随机数 | \`web/auth.go\`、\`web/devices.go\` 中的 \`crypto/rand.Text\` | — | 演示共用的密码只有 50 位 |
| V11.6.1 密钥和签名可靠 | Go 的 TLS；Web Push 通知用服务器自己的密钥对签名，webhook 用 HMAC-SHA-256 | 由设计保证 |  |



`},{id:`v12-安全通信`,title:`V12 安全通信`,text:"\n\n\n不适用：客户端证书（V12.1.3），服务之间的 HTTP（V12.3.3、V12.3.4）。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V12.1.1 只用 TLS 1.2 和 1.3 | HTTPS 用 Go 的默认值；设备用 `cmd/hemolift/settings.go` | `TestADeviceDoorWithTLS` | 没有测试尝试更旧的版本 |\n| V12.1.2 密码套件良好 | Go 的默认值 | 由设计保证 |  |\n| V12.2.1 对人员使用 TLS，不能退回明文 | `cmd/hemolift/settings.go` | `TestPlainTextStaysOnLoopback` | `-plain` 把它交给代理 |\n| V12.2.2 有公众信任的证书 |  |  | 归运维人员；本产品不申请证书；`hemolift doctor` 在到期前三周开始警告 |\n| V12.3.1 对内对外都加密 | 设备入口：`cmd/hemolift/settings.go`；私有数据库：本机的套接字 | `TestADeviceDoorWithTLS`、`TestPlainTextStaysOnLoopback` | 别处的数据库按 `DATABASE_URL` 所写连接；不强制 TLS，指南的示例也没有要求 |\n| V12.3.2 检查对方的证书 | 数据库的证书，当 `DATABASE_URL` 有 `sslmode=verify-full` 时 | — | 不是默认，指南中也没有 |\n\n\n\n"},{id:`v13-配置`,title:`V13 配置`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V13.1.1 与什么通信有文档 | 本页、[运维](operator.md) | 由设计保证 |  |\n| V13.2.1 各部分互相登录，且不用长期密码 | 设备：各有密钥 | `TestBadInputIsRefusedAndCounted` | 数据库密码不会自行更换；私有数据库信任其套接字；设备密钥永不到期 |\n| V13.2.2 权限不超过所需 | `migrations/rights.go`、`0015_rights.sql` | `TestWhatTheServersRoleMayDo`、`TestWhatTheServersRoleIsRefused`、`TestConnectionsWaitForNothingForEver` | 服务器也持有所有者的地址；只设 `DATABASE_URL` 时它可能就是所有者，会有警告 |\n| V13.2.3 各部分之间没有默认凭据 | 密钥现场生成，不随产品附带 | 由设计保证 |  |\n| V13.2.4 有可访问的外部地址清单 | 见上面的入口表：数据库，以及 `-oidc-issuer` 和 `-notify` 所指的 | 由设计保证 | 没有附带防火墙或服务管理器的规则 |\n| V13.2.5 Web 服务器同样如此 | 页面在程序之内；由参数给出一个地图文件 | `TestThePageAndWhatItNeeds`、`TestTheOperatorsBasemap` |  |\n| V13.3.1 有存放机密信息的地方 | 源码和程序中都没有机密信息 | — | 用环境变量和文件；没有保险库，不能从文件描述符或凭据存储读取 |\n| V13.3.2 只有少数人能读到机密信息 | 数据库中是哈希；程序创建的文件只属其用户 | — | 不检查运维人员私钥文件的权限；服务器的数据库角色能读到密码哈希 |\n| V13.4.1 交付物中没有源码管理数据 | 一个可执行文件，`make release` | 由设计保证 |  |\n| V13.4.2 没有调试模式 | 程序中没有性能分析或调试页面 | 由设计保证 |  |\n| V13.4.3 不列目录 | `web/static.go`：目录给出的是页面 | — |  |\n| V13.4.4 没有 TRACE | `web/static.go`，按方法设置路由 | — |  |\n| V13.4.5 指标不对所有人开放 | `web/server.go`：管理员 | `TestWhatOperatorsSee` |  |\n\n\n\n"},{id:`v14-数据保护`,title:`V14 数据保护`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V14.1.1 敏感数据已指明并分级 | 本页指明 | — | 没有逐个字段，也没有对照法律 |\n| V14.1.2 各级的要求 |  |  | 没有写明；数据保存多久也没有 |\n| V14.2.1 地址中没有机密信息 | 令牌经请求头或 cookie，密码在正文中 | `TestAPasswordOpensASessionThatSigningOutEnds` |  |\n| V14.2.2 途中没有缓存 | `web/guards.go`（`no-store`） | `TestAnswersAreNotKept` |  |\n| V14.2.3 不向第三方发送任何内容 | 内容安全策略；字体和地图在程序之内 | `TestThePageAndWhatItNeeds` |  |\n| V14.2.4 按各级要求设控制 |  |  | 尚未分级；静态数据不加密，要求时（`-encrypt-to`）备份除外，也不按时间删除 |\n| V14.3.1 退出登录后浏览器不留内容 | 页面重新载入；医院页面最后所知的内容被删除（`web/ui/src/last.ts`） | `TestThePageComesUpWithoutALine` | 未能发出的请求留在浏览器的存储中；没有 `Clear-Site-Data` |\n| V14.3.2 浏览器不保留答复 | `web/guards.go` | `TestAnswersAreNotKept` |  |\n| V14.3.3 浏览器的存储中没有敏感内容 | 语言、主题、快捷键；service worker 只保存页面文件，不保存答复（`web/ui/src/sw.ts`） | — | 尚未送达的请求保存在那里，含血型、性别、年龄段和抗-D，以免丢失；医院页面最后所知的内容也保存到本人退出登录为止，以便断网时仍能显示 |\n\n\n\n"},{id:`v15-安全编码与架构`,title:`V15 安全编码与架构`,text:"\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V15.1.1 多久更换有漏洞的依赖 |  |  | 没有承诺时限 |\n| V15.1.2 有全部组件的清单 | `make release`（CycloneDX）、`go.sum`、`package-lock.json` | `TestTheNoticesNameAllThatIsShipped` |  |\n| V15.1.3 哪些操作开销大、如何限制，有文档 | 本页、`web/turns.go`、`telemetry/attempts` | — | 规划、导出的一天和打印的记录没有按开销列出 |\n| V15.2.1 没有组件超过承诺的期限 | `make audit` 查询漏洞数据库 | — | 尚无承诺，也不会自动运行 |\n| V15.2.2 开销大的工作不会把别人挡在外面 | `web/turns.go`、`telemetry/attempts`（同时最多两个哈希）、数据库的超时 | `TestSoManyRequestsOfAnAccountAreWorkedOn`、`TestTheQueueIsBoundedAndLeft`、`TestConnectionsWaitForNothingForEver`、`TestSilentSocketsKeepNobodyOut` |  |\n| V15.2.3 没有生产中不需要的内容 |  |  | `demo`、模拟和各种工具在同一程序中，但 `serve` 不启动其中任何一个 |\n| V15.3.1 只送出所需的字段 | `web`：每种资源一个视图；`web/apicheck` 比较测试中的每个答复 | `TestTheTableOfPermitsAgainstTheServer`、`TestTheLogKeepsSessions` |  |\n| V15.3.2 不跟随重定向 | `web/notify` 一概不跟随 | — |  |\n| V15.3.3 只接受应有的字段 | `web/decode.go`：拒绝未知字段 | `TestDecodeNamesTheField`、`TestBadInputIsRefusedAndCounted` |  |\n| V15.3.4 在代理之后取得真实地址 |  |  | 取连接本身的地址；在代理之后就是代理的地址，限额和日志都是如此 |\n| V15.3.5 类型严格 | Go、`web/decode.go`、TypeScript | `TestDecodeNamesTheField` |  |\n| V15.3.6 没有原型污染 | `web/ui/src`：有类型；没有合并外来对象之处 | — |  |\n| V15.3.7 参数给出两次不造成危害 | `web/decode.go`、`web/server.go`（`badParameter`） | `TestDecodeNamesTheField` | 查询中重复的参数没有测试 |\n\n\n\n"},{id:`v16-安全日志与错误处理`,title:`V16 安全日志与错误处理`,text:"\n\n\n有两种日志：数据库中的事件日志，和程序自己在错误输出上的日志。\n\n\n\n| 要求 | 满足之处 | 测试 | 尚未满足：原因 |\n|---|---|---|---|\n| V16.1.1 什么记在哪里、保存多久 |  |  | 没有列出；事件日志从不删除，程序的日志归服务管理器 |\n| V16.2.1 何时、何地、何人、何事 | `dispatch/dispatchdb/log.go`、`web/audit.go` | `TestTheAuditTellsTheWhole`、`TestTheLogKeepsSessions` |  |\n| V16.2.2 时钟一致，时间带时区 | 服务器时钟用 UTC，`cmd/hemolift/clock.go` | `TestTheMachinesClockSteps`、`TestTheClockNeverGoesBack`、`TestAStartBehindTheRecord` |  |\n| V16.2.3 日志只写到文档所列的地方 | 上述两种，以及私有数据库中 PostgreSQL 自己的文件 | 由设计保证 |  |\n| V16.2.4 日志可由机器读取 | `slog` 文本，或用 `-log-json` 输出 JSON；API 的事件 | — |  |\n| V16.2.5 日志中没有机密信息 | `telemetry/gateway/log.go`、`web/auth.go`：不保存不存在的账号名 | `TestTheBrokersLogIsShortAndHoldsNoSecret`、`TestTheLogKeepsSessions` |  |\n| V16.3.1 每次登录，无论对错 | `dispatch/dispatchdb/session.go` | `TestTheLogKeepsSessions` | 来得过早的尝试和设备的错误密钥，只计入指标 |\n| V16.3.2 被禁止的操作 | `web/audit.go`：每种每分钟一次，并写明次数 | `TestTheAuditTellsTheWhole` |  |\n| V16.3.3 绕过规则的企图 | 计数：`hemolift_problems_total`、`hemolift_device_refused_total` | `TestBadInputIsRefusedAndCounted` | 被拒绝的输入和超出份额的请求没有逐条记录 |\n| V16.3.4 我们自身的和控制措施的故障 | `web/problem.go`、`web/guards.go` | `TestAHandlerThatPanicsIsAnsweredFor` | 人员入口失败的 TLS 握手默认不记录 |\n| V16.4.1 日志行不可伪造 | `slog` 加引号；事件是数据库中的行 | `TestTheBrokersLogIsShortAndHoldsNoSecret` |  |\n| V16.4.2 日志不可更改，只有少数人能读 | `migrations/rights.go`、触发器、`permit.go` | `TestWhatTheServersRoleMayDo`、`TestSchemaRefusesBrokenPromises`、`TestAHospitalPagesThroughItsEvents` | 数据库的所有者可以更改；尚无哈希链 |\n| V16.4.3 日志送往另一系统 |  |  | 本产品不做；运维人员可以收集错误输出，并经 API 收集事件 |\n| V16.5.1 错误不透露内部情况 | `web/problem.go`、`web/guards.go` | `TestInternalErrorsTellNothing`、`TestAHandlerThatPanicsIsAnsweredFor` |  |\n| V16.5.2 缺少一个部分不会使它不安全 | `dispatch/dispatchdb/connect.go`、`lease.go` | `TestADatabaseWithoutRoomIsNotReady`、`TestNotReadyWithoutTheDatabase`、`TestAServerWithoutItsPostgresEndsAndStartsAgain`、`TestOneServerOnARecord` |  |\n| V16.5.3 故障绝不会放行什么 | 没有许可即拒绝；保存之后才确认 | `TestUnstoredIsNeitherAcknowledgedNorShown`、`TestARequestThatCannotBeWrittenIsRefusedForNow`、`TestWhoMayDoWhat` |  |\n\n\n\n"},{id:`v17-webrtc`,title:`V17 WebRTC`,text:`


不适用：没有使用。

`}]}].map(e=>({...e,html:e.html.replace(/data-picture="(\d+)"/g,(e,t)=>`src="${i[t]}"`)}));export{a as default};