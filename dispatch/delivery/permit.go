package delivery

import (
	"cmp"
	"fmt"
	"slices"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// whose says of which sites' things a permit is.
type whose int

const (
	own whose = iota + 1 // the actor's own site's, and what is no site's
	all                  // every site's
)

// permits is the one table of who may do what: what it does not list is refused. A row
// for every operation of the API stands here.
var permits = map[Operation]map[network.Role]whose{
	"signIn":           {}, // these need no account
	"whoAmI":           {},
	"createToken":      {},
	"seeAsGuest":       {}, // but the token of a link
	"seeInvitation":    {},
	"acceptInvitation": {},
	"seeProvider":      {},
	"enrol":            {},
	"askForPasskey":    {},
	"signInByPasskey":  {},
	"signOut":          {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"getNetwork":       {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"listSessions":     {hospital: all, dispatcher: all, controller: all, admin: all, quality: all}, // one's own
	"endSession":       {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"confirmSession":   {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"listPasskeys":     {hospital: all, dispatcher: all, controller: all, admin: all, quality: all}, // one's own
	"askForNewPasskey": {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"addPasskey":       {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"removePasskey":    {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"confirmByPasskey": {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"changePassword":   {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"exportZones":      {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},
	"readLabel":        {hospital: all, dispatcher: all, controller: all, admin: all, quality: all},

	OpReadBoard:       {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	OpReadPlans:       {dispatcher: all, controller: all, admin: all, quality: all},
	"live":            {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getEvents":       {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"listRequests":    {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getRequest":      {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getDelivery":     {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getTrack":        {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getTrace":        {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"getTemperatures": {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	OpReadCold:        {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	"compareLogger":   {hospital: own, dispatcher: all, controller: all, admin: all, quality: all},
	OpSign:            {quality: own},
	OpUnsigned:        {quality: all, admin: all},
	OpAudit:           {admin: all, quality: all},
	"findEvents":      {admin: all, quality: all},
	OpReadBoxes:       {dispatcher: all, controller: all, admin: all, quality: all},
	OpReadProbes:      {dispatcher: all, controller: all, admin: all, quality: all},
	OpReadAircraft:    {dispatcher: all, controller: all, admin: all, quality: all},
	"listRefused":     {dispatcher: all, controller: all, admin: all, quality: all},
	OpDay:             {dispatcher: all, controller: all, admin: all, quality: all},

	OpEstimate:          {hospital: all, dispatcher: all, controller: all, admin: all},
	OpSubmit:            {hospital: own, dispatcher: all},
	OpAmend:             {hospital: own, dispatcher: all}, // by telephone, for a hospital
	OpCancel:            {hospital: own, dispatcher: all},
	Held(OpAmend):       {hospital: own, dispatcher: own},
	Held(OpCancel):      {hospital: own, dispatcher: own},
	OpAccept:            {dispatcher: all, system: all}, // of the actor's own centre's drones
	OpDivert:            {dispatcher: own},
	OpRoad:              {hospital: own, dispatcher: all},
	OfRoad(RoadSend):    {dispatcher: all},
	OfRoad(RoadArrived): {hospital: own, dispatcher: own}, // who was to get it, or sent it
	OfRoad(RoadRecall):  {dispatcher: own},

	"doStep":              {hospital: own, dispatcher: all, controller: own},
	OfStep(StepCheck):     {dispatcher: own},
	OfStep(StepPack):      {dispatcher: own},
	OfStep(StepSeal):      {dispatcher: own},
	OfStep(StepLoad):      {dispatcher: own},
	OfStep(StepStandDown): {dispatcher: own},
	OfStep(StepFree):      {dispatcher: own},
	OfStep(StepBreak):     {dispatcher: own},
	OfStep(StepGiveUp):    {dispatcher: own},
	OfStep(StepKeep):      {dispatcher: own},
	OfStep(StepLose):      {dispatcher: own},
	OfStep(StepFind):      {dispatcher: own},
	OfStep(StepExchange):  {dispatcher: own},
	OfStep(StepCompare):   {hospital: own},
	OfStep(StepReceive):   {hospital: own},
	OfStep(StepReject):    {hospital: own},
	OfStep(StepPadClear):  {hospital: own, dispatcher: own, controller: own}, // by telephone, for a ward
	OfStep(StepPadTaken):  {hospital: own, dispatcher: own, controller: own},
	OfStep(StepCancel):    {hospital: own, dispatcher: own, system: all},
	OfStep(StepLand):      {hospital: own, dispatcher: own, system: all}, // people say so of a drone that cannot be heard
	OfStep(StepTakeOff):   {system: all},
	OfStep(StepReturn):    {system: all},
	OfStep(StepDivert):    {system: all},

	OpReadNotices:        {hospital: all}, // one's own
	OpChooseNotices:      {hospital: all},
	OpAddNoticeDevice:    {hospital: all},
	OpRemoveNoticeDevice: {hospital: all},
	OpGetWebhook:         {admin: all},
	OpSetWebhook:         {admin: all},
	OpEndWebhook:         {admin: all},

	OpListAccounts: {admin: own},
	OpAddAccount:   {admin: own},
	OpChange:       {admin: own},
	OpInvite:       {admin: own},
	OpWithdraw:     {admin: own},

	OpListGuests:  {hospital: own, dispatcher: own},
	OpMakeGuest:   {hospital: own, dispatcher: own},
	OpRevokeGuest: {hospital: own, dispatcher: own},

	OpRecover:     {dispatcher: all, controller: all},
	OpRecoverPad:  {dispatcher: own, controller: own},
	OpRecoverElse: {dispatcher: all},

	OpAlternates:  {dispatcher: all, controller: all},
	OpCommand:     {dispatcher: own, controller: own, system: all},
	OpTaken:       {dispatcher: own, controller: own},
	OpWatch:       {controller: own},
	"offerFlight": {controller: own},
	OpNote:        {controller: all},
	OpReadNotes:   {dispatcher: all, controller: all, admin: all, quality: all},

	Ordered(OpCommand, dispatcher): {dispatcher: own, controller: own, system: all},
	Ordered(OpCommand, controller): {controller: own}, // its hold or return is nobody else's to undo

	OpAddZone: {dispatcher: all, controller: all},
	OpEndZone: {dispatcher: all, controller: all},

	Ordered(OpEndZone, dispatcher): {dispatcher: own, controller: all},
	Ordered(OpEndZone, controller): {controller: all},

	OpClose:                       {hospital: own, dispatcher: all, controller: all, admin: all},
	OpReopen:                      {hospital: own, dispatcher: all, controller: all, admin: all},
	Ordered(OpReopen, hospital):   {hospital: own},
	Ordered(OpReopen, dispatcher): {dispatcher: own, controller: all},
	Ordered(OpReopen, controller): {controller: all},
	Ordered(OpReopen, admin):      {controller: all, admin: all},

	OpCloseHospital: {hospital: own, dispatcher: all, controller: all, admin: all},
	OpCloseCentre:   {dispatcher: own, controller: all, admin: all},
	OpCloseDevice:   {dispatcher: own, controller: all, admin: all},

	OpAckAlarm: {dispatcher: all, controller: all, admin: all},
	OpShelve:   {dispatcher: all, controller: all},
	OpConfirm:  {dispatcher: all, controller: all}, // who is not of the role of who asked
	OpUnshelve: {dispatcher: all, controller: all, admin: all},
	OpAddProbe: {dispatcher: own, admin: all},

	OpRenewSecret:       {admin: all},
	OpRevokeSecret:      {admin: all},
	OpEnrol:             {admin: all},
	OpListDevices:       {dispatcher: all, controller: all, admin: all, quality: all},
	OpReadDevice:        {dispatcher: all, controller: all, admin: all, quality: all},
	OpAddMaintenance:    {dispatcher: own, admin: all},
	OpStrikeMaintenance: {dispatcher: own, admin: all},

	OpReadFiles:       {admin: all, quality: all},
	OpChangeNetwork:   {admin: own}, // the whole is no site's own, and so are documents
	OpReadDocuments:   {dispatcher: all, controller: all, admin: all, quality: all},
	"getDocument":     {dispatcher: all, controller: all, admin: all, quality: all},
	OpProposeDocument: {admin: own, quality: own},
	OpDecideDocument:  {quality: own},

	"metrics": {admin: all},
	"readyz":  {admin: all}, // what is wrong; whether anything is, is said to everybody

	"listUnits":              {dispatcher: all, admin: all, quality: all},
	"listShelves":            {dispatcher: all, admin: all, quality: all},
	"getUnit":                {dispatcher: all, admin: all, quality: all},
	OpAddUnits:               {dispatcher: own, admin: own},
	"importUnits":            {dispatcher: all, admin: all}, // whose unit each line may add, addUnits says
	OpCountUnits:             {dispatcher: own, admin: own},
	OpMoveUnits:              {dispatcher: own, admin: own, quality: own},
	OfMove(blood.Quarantine): {dispatcher: own, admin: own, quality: own},
	OfMove(blood.Release):    {dispatcher: own, quality: own},
	OfMove(blood.Discard):    {dispatcher: own},
	OfMove(blood.Return):     {dispatcher: own},
	OfMove(blood.Send):       {dispatcher: own},
	OfMove(blood.Arrive):     {dispatcher: own},
}

// The table's short names.
const (
	hospital   = network.RoleHospital
	dispatcher = network.RoleDispatcher
	controller = network.RoleController
	quality    = network.RoleQuality
	admin      = network.RoleAdmin
	system     = network.RoleSystem
)

// Permit refuses an operation on things of some sites, or of none, unless the table
// allows it. Somebody without a site is every centre's.
func Permit(a network.Actor, op Operation, of ...network.SiteID) error {
	switch permitted(a, op) {
	case all:
		return nil
	case own:
		if len(of) == 0 || slices.Contains(of, a.Site) {
			return nil
		}
	}
	return refusal.ErrForbidden
}

// permitted is what the table says to an actor by its duties together. One who must belong to
// a site and does not has no site of its own; others without a site are every site's.
func permitted(a network.Actor, op Operation) (w whose) {
	for _, kind := range kindsFor(a, op) {
		w = max(w, permittedTo(kind, a.Site, op))
	}
	return w
}

// kindsFor are the kinds of account as which an actor may do an operation, the widest right first.
func kindsFor(a network.Actor, op Operation) (kinds []network.Role) {
	duties := a.Duties
	if duties == nil {
		duties = []network.Duty{{Like: a.Role}}
	}
	limit := network.Duty{Only: a.Only}
	for _, d := range duties {
		if limit.Covers(string(op)) && d.Covers(string(op)) && permittedTo(d.Like, a.Site, op) != 0 {
			kinds = append(kinds, d.Like)
		}
	}
	slices.SortStableFunc(kinds, func(x, y network.Role) int {
		return cmp.Compare(permittedTo(y, a.Site, op), permittedTo(x, a.Site, op))
	})
	return kinds
}

// ActsAs is the kind of account as which an actor does an operation: it decides who may undo what
// was done.
func ActsAs(a network.Actor, op Operation) network.Role {
	if kinds := kindsFor(a, op); len(kinds) > 0 {
		return kinds[0]
	}
	return a.Role
}

// ActsOtherwise reports whether an actor may do an operation as another kind of account than one.
func ActsOtherwise(a network.Actor, op Operation, than network.Role) bool {
	return slices.ContainsFunc(kindsFor(a, op), func(kind network.Role) bool { return kind != than })
}

func permittedTo(kind network.Role, site network.SiteID, op Operation) whose {
	w := permits[op][kind]
	switch {
	case w != own || site != "":
		return w
	case kind.NeedsSite():
		return 0
	}
	return all
}

// CheckRoles refuses roles that name an operation that there is not, or a kind that accounts
// cannot have.
func CheckRoles(roles network.Roles) error {
	for _, d := range roles {
		if !slices.Contains(network.Kinds(), d.Like) {
			return fmt.Errorf("role %s: it is like %q, which is none of %v", d.Role, d.Like, network.Kinds())
		}
		for _, op := range slices.Concat(d.Only, d.Without) {
			if !Known(Operation(op)) {
				return fmt.Errorf("role %s: there is no operation %q", d.Role, op)
			}
		}
	}
	return nil
}

// May reports whether an actor may do an operation at all, be it on things of its own
// site only.
func May(a network.Actor, op Operation) bool { return permitted(a, op) != 0 }

// MayAll reports whether an actor may do an operation on the things of every site.
func MayAll(a network.Actor, op Operation) bool { return permitted(a, op) == all }

// Public reports whether an operation needs no account.
func Public(op Operation) bool {
	row, known := permits[op]
	return known && len(row) == 0
}

// Operations lists what an actor may do, in alphabetical order.
func Operations(a network.Actor) []Operation {
	var list []Operation
	for op := range permits {
		if May(a, op) {
			list = append(list, op)
		}
	}
	slices.Sort(list)
	return list
}

// Known reports whether an operation has a row.
func Known(op Operation) bool {
	_, known := permits[op]
	return known
}
