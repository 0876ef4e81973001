package delivery

import "hemolift/dispatch/network"

// Operation is what somebody asks the program to do: the operationId of web/api.yaml, and
// after a slash a part of it that has rights of its own.
type Operation string

// Operations that the rooms above ask about by name.
const (
	OpReadBoard    Operation = "getBoard"
	OpReadPlans    Operation = "getBoard/plans" // what is proposed for deliveries that fail, and diversions
	OpSign         Operation = "signRecord"
	OpUnsigned     Operation = "listUnsigned"
	OpReadCold     Operation = "getColdRecord"
	OpAudit        Operation = "getEvents/audit" // the session and address of each
	OpReadBoxes    Operation = "listBoxes"
	OpReadProbes   Operation = "listCalibrations"
	OpReadAircraft Operation = "getCalibration"
	OpDay          Operation = "exportDay"

	OpEstimate Operation = "estimate"
	OpSubmit   Operation = "submitRequest"
	OpAmend    Operation = "amendRequest"
	OpCancel   Operation = "cancelRequest"
	OpAccept   Operation = "acceptProposal"
	OpDivert   Operation = "divert"
	OpRoad     Operation = "road"

	OpReadNotices        Operation = "readNotices"
	OpChooseNotices      Operation = "chooseNotices"
	OpAddNoticeDevice    Operation = "addNoticeDevice"
	OpRemoveNoticeDevice Operation = "removeNoticeDevice"
	OpGetWebhook         Operation = "getWebhook"
	OpSetWebhook         Operation = "setWebhook"
	OpEndWebhook         Operation = "endWebhook"

	OpListAccounts Operation = "listAccounts"
	OpAddAccount   Operation = "addAccount"
	OpChange       Operation = "changeAccount"
	OpInvite       Operation = "invite"
	OpWithdraw     Operation = "withdrawInvitation"

	OpListGuests  Operation = "listGuestLinks"
	OpMakeGuest   Operation = "makeGuestLink"
	OpRevokeGuest Operation = "revokeGuestLink"

	OpRecover     Operation = "recover"
	OpRecoverPad  Operation = "recover/other_pad"
	OpRecoverElse Operation = "recover/else"

	OpAlternates Operation = "listAlternates"
	OpCommand    Operation = "commandMission"
	OpTaken      Operation = "droneTaken"
	OpWatch      Operation = "takeFlight"
	OpNote       Operation = "writeNote"
	OpReadNotes  Operation = "listNotes"
	OpAddZone    Operation = "addZone"
	OpEndZone    Operation = "endZone"

	OpClose         Operation = "close"
	OpReopen        Operation = "reopen"
	OpCloseHospital Operation = "close/hospital"
	OpCloseCentre   Operation = "close/centre"
	OpCloseDevice   Operation = "close/device"

	OpAckAlarm   Operation = "ackAlarm"
	OpShelve     Operation = "shelveAlarm"
	OpConfirm    Operation = "confirmShelf"
	OpUnshelve   Operation = "unshelveAlarm"
	OpAddProbe   Operation = "addCalibration"
	OpAddUnits   Operation = "addUnits"
	OpMoveUnits  Operation = "moveUnits"
	OpCountUnits Operation = "countUnits"

	OpRenewSecret       Operation = "renewSecret"
	OpRevokeSecret      Operation = "revokeSecret"
	OpEnrol             Operation = "allowEnrolment"
	OpListDevices       Operation = "listDevices"
	OpReadDevice        Operation = "getDevice"
	OpAddMaintenance    Operation = "addMaintenance"
	OpStrikeMaintenance Operation = "strikeMaintenance"

	OpReadFiles       Operation = "getNetworkFiles"
	OpChangeNetwork   Operation = "changeNetwork"
	OpReadDocuments   Operation = "listDocuments"
	OpProposeDocument Operation = "proposeDocument"
	OpDecideDocument  Operation = "decideDocument"
)

// OfStep is the operation of one step of a delivery.
func OfStep(s Step) Operation { return Operation("doStep/" + string(s)) }

// Ordered is the operation of ending what somebody of a role ordered: its site is that
// person's.
func Ordered(op Operation, by network.Role) Operation { return op + "/of_" + Operation(by) }

// Held is the operation on a request that a delivery serves: its sites are the hospital and
// the delivery's centre.
func Held(op Operation) Operation { return op + "/held" }

// OfRoad is the operation of one step of a request by road.
func OfRoad(s RoadStep) Operation { return Operation("road/" + string(s)) }
