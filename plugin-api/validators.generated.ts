// @ts-nocheck
// Made by scripts/generate-validators.ts from plugin-api/schemas.ts; not to be edited.
"use strict";
export const PluginActivate = validate10;
const schema11 = {"$id":"Plugin.Activate","type":"object","properties":{}};

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="Plugin.Activate" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(!(data && typeof data == "object" && !Array.isArray(data))){
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

export const NetworkDriverGetCapabilities = validate11;
const schema12 = {"$id":"NetworkDriver.GetCapabilities","type":"object","properties":{}};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.GetCapabilities" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(!(data && typeof data == "object" && !Array.isArray(data))){
validate11.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}

export const NetworkDriverGwAllocCheck = validate12;
const schema13 = {"$id":"NetworkDriver.GwAllocCheck","type":"object","properties":{"Options":{"type":["object","null"],"properties":{"com.docker.network.generic":{"type":["object","null"],"additionalProperties":true},"com.docker.network.enable_ipv4":{"type":"boolean"},"com.docker.network.enable_ipv6":{"type":"boolean"},"com.docker.network.internal":{"type":"boolean"}}}}};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.GwAllocCheck" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.Options !== undefined){
let data0 = data.Options;
const _errs1 = errors;
if((!(data0 && typeof data0 == "object" && !Array.isArray(data0))) && (data0 !== null)){
validate12.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema13.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs1){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0["com.docker.network.generic"] !== undefined){
let data1 = data0["com.docker.network.generic"];
const _errs3 = errors;
if((!(data1 && typeof data1 == "object" && !Array.isArray(data1))) && (data1 !== null)){
validate12.errors = [{instancePath:instancePath+"/Options/com.docker.network.generic",schemaPath:"#/properties/Options/properties/com.docker.network.generic/type",keyword:"type",params:{type: schema13.properties.Options.properties["com.docker.network.generic"].type},message:"must be object,null"}];
return false;
}
var valid1 = _errs3 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data0["com.docker.network.enable_ipv4"] !== undefined){
const _errs6 = errors;
if(typeof data0["com.docker.network.enable_ipv4"] !== "boolean"){
validate12.errors = [{instancePath:instancePath+"/Options/com.docker.network.enable_ipv4",schemaPath:"#/properties/Options/properties/com.docker.network.enable_ipv4/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs6 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data0["com.docker.network.enable_ipv6"] !== undefined){
const _errs8 = errors;
if(typeof data0["com.docker.network.enable_ipv6"] !== "boolean"){
validate12.errors = [{instancePath:instancePath+"/Options/com.docker.network.enable_ipv6",schemaPath:"#/properties/Options/properties/com.docker.network.enable_ipv6/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs8 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data0["com.docker.network.internal"] !== undefined){
const _errs10 = errors;
if(typeof data0["com.docker.network.internal"] !== "boolean"){
validate12.errors = [{instancePath:instancePath+"/Options/com.docker.network.internal",schemaPath:"#/properties/Options/properties/com.docker.network.internal/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs10 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
else {
validate12.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate12.errors = vErrors;
return errors === 0;
}

export const NetworkDriverAllocateNetwork = validate13;
const schema14 = {"$id":"NetworkDriver.AllocateNetwork","type":"object","required":["NetworkID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"Options":{"type":["object","null"],"additionalProperties":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"}},"IPv4Data":{"type":["array","null"],"items":{"$ref":"IPAMData#"}},"IPv6Data":{"type":["array","null"],"items":{"$ref":"IPAMData#"}}}};
const schema15 = {"$id":"IPAMData","type":"object","properties":{"AddressSpace":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"Pool":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"Gateway":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"AuxAddresses":{"type":["object","null"],"additionalProperties":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"}}}};
const pattern0 = new RegExp("^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$", "u");
const pattern1 = new RegExp("^[\\s\\S]{0,4096}$", "u");

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.AllocateNetwork" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.NetworkID === undefined) && (missing0 = "NetworkID")){
validate13.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate13.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data1 = data.Options;
const _errs3 = errors;
if((!(data1 && typeof data1 == "object" && !Array.isArray(data1))) && (data1 !== null)){
validate13.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema14.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs3){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key0 in data1){
let data2 = data1[key0];
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
validate13.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs6 === errors;
if(!valid1){
break;
}
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IPv4Data !== undefined){
let data3 = data.IPv4Data;
const _errs8 = errors;
if((!(Array.isArray(data3))) && (data3 !== null)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data",schemaPath:"#/properties/IPv4Data/type",keyword:"type",params:{type: schema14.properties.IPv4Data.type},message:"must be array,null"}];
return false;
}
if(errors === _errs8){
if(Array.isArray(data3)){
var valid2 = true;
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
const _errs10 = errors;
const _errs11 = errors;
if(errors === _errs11){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.AddressSpace !== undefined){
let data5 = data4.AddressSpace;
const _errs13 = errors;
if(errors === _errs13){
if(typeof data5 === "string"){
if(!pattern1.test(data5)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs13 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.Pool !== undefined){
let data6 = data4.Pool;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(!pattern1.test(data6)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Pool",schemaPath:"IPAMData#/properties/Pool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Pool",schemaPath:"IPAMData#/properties/Pool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs15 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.Gateway !== undefined){
let data7 = data4.Gateway;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(!pattern1.test(data7)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs17 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.AuxAddresses !== undefined){
let data8 = data4.AuxAddresses;
const _errs19 = errors;
if((!(data8 && typeof data8 == "object" && !Array.isArray(data8))) && (data8 !== null)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses",schemaPath:"IPAMData#/properties/AuxAddresses/type",keyword:"type",params:{type: schema15.properties.AuxAddresses.type},message:"must be object,null"}];
return false;
}
if(errors === _errs19){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key1 in data8){
let data9 = data8[key1];
const _errs22 = errors;
if(errors === _errs22){
if(typeof data9 === "string"){
if(!pattern1.test(data9)){
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid5 = _errs22 === errors;
if(!valid5){
break;
}
}
}
}
var valid4 = _errs19 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv4Data/" + i0,schemaPath:"IPAMData#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs10 === errors;
if(!valid2){
break;
}
}
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IPv6Data !== undefined){
let data10 = data.IPv6Data;
const _errs24 = errors;
if((!(Array.isArray(data10))) && (data10 !== null)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data",schemaPath:"#/properties/IPv6Data/type",keyword:"type",params:{type: schema14.properties.IPv6Data.type},message:"must be array,null"}];
return false;
}
if(errors === _errs24){
if(Array.isArray(data10)){
var valid6 = true;
const len1 = data10.length;
for(let i1=0; i1<len1; i1++){
let data11 = data10[i1];
const _errs26 = errors;
const _errs27 = errors;
if(errors === _errs27){
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
if(data11.AddressSpace !== undefined){
let data12 = data11.AddressSpace;
const _errs29 = errors;
if(errors === _errs29){
if(typeof data12 === "string"){
if(!pattern1.test(data12)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs29 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data11.Pool !== undefined){
let data13 = data11.Pool;
const _errs31 = errors;
if(errors === _errs31){
if(typeof data13 === "string"){
if(!pattern1.test(data13)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Pool",schemaPath:"IPAMData#/properties/Pool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Pool",schemaPath:"IPAMData#/properties/Pool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs31 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data11.Gateway !== undefined){
let data14 = data11.Gateway;
const _errs33 = errors;
if(errors === _errs33){
if(typeof data14 === "string"){
if(!pattern1.test(data14)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs33 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data11.AuxAddresses !== undefined){
let data15 = data11.AuxAddresses;
const _errs35 = errors;
if((!(data15 && typeof data15 == "object" && !Array.isArray(data15))) && (data15 !== null)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses",schemaPath:"IPAMData#/properties/AuxAddresses/type",keyword:"type",params:{type: schema15.properties.AuxAddresses.type},message:"must be object,null"}];
return false;
}
if(errors === _errs35){
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key2 in data15){
let data16 = data15[key2];
const _errs38 = errors;
if(errors === _errs38){
if(typeof data16 === "string"){
if(!pattern1.test(data16)){
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs38 === errors;
if(!valid9){
break;
}
}
}
}
var valid8 = _errs35 === errors;
}
else {
var valid8 = true;
}
}
}
}
}
else {
validate13.errors = [{instancePath:instancePath+"/IPv6Data/" + i1,schemaPath:"IPAMData#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid6 = _errs26 === errors;
if(!valid6){
break;
}
}
}
}
var valid0 = _errs24 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate13.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate13.errors = vErrors;
return errors === 0;
}

export const NetworkDriverFreeNetwork = validate14;
const schema17 = {"$id":"NetworkDriver.FreeNetwork","type":"object","required":["NetworkID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.FreeNetwork" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.NetworkID === undefined) && (missing0 = "NetworkID")){
validate14.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate14.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate14.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
}
}
else {
validate14.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate14.errors = vErrors;
return errors === 0;
}

export const NetworkDriverCreateNetwork = validate15;
const schema18 = {"$id":"NetworkDriver.CreateNetwork","type":"object","required":["NetworkID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"Options":{"type":["object","null"],"properties":{"com.docker.network.generic":{"type":["object","null"],"additionalProperties":true},"com.docker.network.enable_ipv4":{"type":"boolean"},"com.docker.network.enable_ipv6":{"type":"boolean"},"com.docker.network.internal":{"type":"boolean"}}},"IPv4Data":{"type":["array","null"],"items":{"$ref":"IPAMData#"}},"IPv6Data":{"type":["array","null"],"items":{"$ref":"IPAMData#"}}}};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.CreateNetwork" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.NetworkID === undefined) && (missing0 = "NetworkID")){
validate15.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate15.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data1 = data.Options;
const _errs3 = errors;
if((!(data1 && typeof data1 == "object" && !Array.isArray(data1))) && (data1 !== null)){
validate15.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema18.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs3){
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1["com.docker.network.generic"] !== undefined){
let data2 = data1["com.docker.network.generic"];
const _errs5 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate15.errors = [{instancePath:instancePath+"/Options/com.docker.network.generic",schemaPath:"#/properties/Options/properties/com.docker.network.generic/type",keyword:"type",params:{type: schema18.properties.Options.properties["com.docker.network.generic"].type},message:"must be object,null"}];
return false;
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1["com.docker.network.enable_ipv4"] !== undefined){
const _errs8 = errors;
if(typeof data1["com.docker.network.enable_ipv4"] !== "boolean"){
validate15.errors = [{instancePath:instancePath+"/Options/com.docker.network.enable_ipv4",schemaPath:"#/properties/Options/properties/com.docker.network.enable_ipv4/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs8 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1["com.docker.network.enable_ipv6"] !== undefined){
const _errs10 = errors;
if(typeof data1["com.docker.network.enable_ipv6"] !== "boolean"){
validate15.errors = [{instancePath:instancePath+"/Options/com.docker.network.enable_ipv6",schemaPath:"#/properties/Options/properties/com.docker.network.enable_ipv6/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs10 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data1["com.docker.network.internal"] !== undefined){
const _errs12 = errors;
if(typeof data1["com.docker.network.internal"] !== "boolean"){
validate15.errors = [{instancePath:instancePath+"/Options/com.docker.network.internal",schemaPath:"#/properties/Options/properties/com.docker.network.internal/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid1 = _errs12 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IPv4Data !== undefined){
let data6 = data.IPv4Data;
const _errs14 = errors;
if((!(Array.isArray(data6))) && (data6 !== null)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data",schemaPath:"#/properties/IPv4Data/type",keyword:"type",params:{type: schema18.properties.IPv4Data.type},message:"must be array,null"}];
return false;
}
if(errors === _errs14){
if(Array.isArray(data6)){
var valid2 = true;
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
let data7 = data6[i0];
const _errs16 = errors;
const _errs17 = errors;
if(errors === _errs17){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
if(data7.AddressSpace !== undefined){
let data8 = data7.AddressSpace;
const _errs19 = errors;
if(errors === _errs19){
if(typeof data8 === "string"){
if(!pattern1.test(data8)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs19 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data7.Pool !== undefined){
let data9 = data7.Pool;
const _errs21 = errors;
if(errors === _errs21){
if(typeof data9 === "string"){
if(!pattern1.test(data9)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Pool",schemaPath:"IPAMData#/properties/Pool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Pool",schemaPath:"IPAMData#/properties/Pool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs21 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data7.Gateway !== undefined){
let data10 = data7.Gateway;
const _errs23 = errors;
if(errors === _errs23){
if(typeof data10 === "string"){
if(!pattern1.test(data10)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs23 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data7.AuxAddresses !== undefined){
let data11 = data7.AuxAddresses;
const _errs25 = errors;
if((!(data11 && typeof data11 == "object" && !Array.isArray(data11))) && (data11 !== null)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses",schemaPath:"IPAMData#/properties/AuxAddresses/type",keyword:"type",params:{type: schema15.properties.AuxAddresses.type},message:"must be object,null"}];
return false;
}
if(errors === _errs25){
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key0 in data11){
let data12 = data11[key0];
const _errs28 = errors;
if(errors === _errs28){
if(typeof data12 === "string"){
if(!pattern1.test(data12)){
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0+"/AuxAddresses/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid5 = _errs28 === errors;
if(!valid5){
break;
}
}
}
}
var valid4 = _errs25 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv4Data/" + i0,schemaPath:"IPAMData#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs16 === errors;
if(!valid2){
break;
}
}
}
}
var valid0 = _errs14 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.IPv6Data !== undefined){
let data13 = data.IPv6Data;
const _errs30 = errors;
if((!(Array.isArray(data13))) && (data13 !== null)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data",schemaPath:"#/properties/IPv6Data/type",keyword:"type",params:{type: schema18.properties.IPv6Data.type},message:"must be array,null"}];
return false;
}
if(errors === _errs30){
if(Array.isArray(data13)){
var valid6 = true;
const len1 = data13.length;
for(let i1=0; i1<len1; i1++){
let data14 = data13[i1];
const _errs32 = errors;
const _errs33 = errors;
if(errors === _errs33){
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
if(data14.AddressSpace !== undefined){
let data15 = data14.AddressSpace;
const _errs35 = errors;
if(errors === _errs35){
if(typeof data15 === "string"){
if(!pattern1.test(data15)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AddressSpace",schemaPath:"IPAMData#/properties/AddressSpace/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs35 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data14.Pool !== undefined){
let data16 = data14.Pool;
const _errs37 = errors;
if(errors === _errs37){
if(typeof data16 === "string"){
if(!pattern1.test(data16)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Pool",schemaPath:"IPAMData#/properties/Pool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Pool",schemaPath:"IPAMData#/properties/Pool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs37 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data14.Gateway !== undefined){
let data17 = data14.Gateway;
const _errs39 = errors;
if(errors === _errs39){
if(typeof data17 === "string"){
if(!pattern1.test(data17)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/Gateway",schemaPath:"IPAMData#/properties/Gateway/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs39 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data14.AuxAddresses !== undefined){
let data18 = data14.AuxAddresses;
const _errs41 = errors;
if((!(data18 && typeof data18 == "object" && !Array.isArray(data18))) && (data18 !== null)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses",schemaPath:"IPAMData#/properties/AuxAddresses/type",keyword:"type",params:{type: schema15.properties.AuxAddresses.type},message:"must be object,null"}];
return false;
}
if(errors === _errs41){
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
for(const key1 in data18){
let data19 = data18[key1];
const _errs44 = errors;
if(errors === _errs44){
if(typeof data19 === "string"){
if(!pattern1.test(data19)){
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1+"/AuxAddresses/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"IPAMData#/properties/AuxAddresses/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs44 === errors;
if(!valid9){
break;
}
}
}
}
var valid8 = _errs41 === errors;
}
else {
var valid8 = true;
}
}
}
}
}
else {
validate15.errors = [{instancePath:instancePath+"/IPv6Data/" + i1,schemaPath:"IPAMData#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid6 = _errs32 === errors;
if(!valid6){
break;
}
}
}
}
var valid0 = _errs30 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate15.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate15.errors = vErrors;
return errors === 0;
}

export const NetworkDriverDeleteNetwork = validate16;
const schema21 = {"$id":"NetworkDriver.DeleteNetwork","type":"object","required":["NetworkID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.DeleteNetwork" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.NetworkID === undefined) && (missing0 = "NetworkID")){
validate16.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate16.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate16.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
}
}
else {
validate16.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate16.errors = vErrors;
return errors === 0;
}

export const NetworkDriverCreateEndpoint = validate17;
const schema22 = {"$id":"NetworkDriver.CreateEndpoint","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"Interface":{"$ref":"EndpointInterface#"},"Options":{"type":["object","null"]}}};
const schema23 = {"$id":"EndpointInterface","type":["object","null"],"properties":{"Address":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"AddressIPv6":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"MacAddress":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"}}};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.CreateEndpoint" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate17.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate17.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate17.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate17.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate17.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Interface !== undefined){
let data2 = data.Interface;
const _errs5 = errors;
const _errs6 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate17.errors = [{instancePath:instancePath+"/Interface",schemaPath:"EndpointInterface#/type",keyword:"type",params:{type: schema23.type},message:"must be object,null"}];
return false;
}
if(errors === _errs6){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.Address !== undefined){
let data3 = data2.Address;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(!pattern1.test(data3)){
validate17.errors = [{instancePath:instancePath+"/Interface/Address",schemaPath:"EndpointInterface#/properties/Address/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate17.errors = [{instancePath:instancePath+"/Interface/Address",schemaPath:"EndpointInterface#/properties/Address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs8 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.AddressIPv6 !== undefined){
let data4 = data2.AddressIPv6;
const _errs10 = errors;
if(errors === _errs10){
if(typeof data4 === "string"){
if(!pattern1.test(data4)){
validate17.errors = [{instancePath:instancePath+"/Interface/AddressIPv6",schemaPath:"EndpointInterface#/properties/AddressIPv6/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate17.errors = [{instancePath:instancePath+"/Interface/AddressIPv6",schemaPath:"EndpointInterface#/properties/AddressIPv6/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs10 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.MacAddress !== undefined){
let data5 = data2.MacAddress;
const _errs12 = errors;
if(errors === _errs12){
if(typeof data5 === "string"){
if(!pattern1.test(data5)){
validate17.errors = [{instancePath:instancePath+"/Interface/MacAddress",schemaPath:"EndpointInterface#/properties/MacAddress/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate17.errors = [{instancePath:instancePath+"/Interface/MacAddress",schemaPath:"EndpointInterface#/properties/MacAddress/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs12 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data6 = data.Options;
const _errs14 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate17.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema22.properties.Options.type},message:"must be object,null"}];
return false;
}
var valid0 = _errs14 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate17.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate17.errors = vErrors;
return errors === 0;
}

export const NetworkDriverEndpointOperInfo = validate18;
const schema24 = {"$id":"NetworkDriver.EndpointOperInfo","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.EndpointOperInfo" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate18.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate18.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate18.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate18.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate18.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate18.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

export const NetworkDriverDeleteEndpoint = validate19;
const schema25 = {"$id":"NetworkDriver.DeleteEndpoint","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.DeleteEndpoint" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate19.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate19.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate19.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate19.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate19.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate19.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}

export const NetworkDriverJoin = validate20;
const schema26 = {"$id":"NetworkDriver.Join","type":"object","required":["NetworkID","EndpointID","SandboxKey"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"SandboxKey":{"type":"string","pattern":"^[\\s\\S]{1,4096}$"},"Options":{"type":["object","null"],"properties":{"com.docker.network.portmap":{"type":["array","null"],"items":{"$ref":"PortBinding#"}}}}}};
const schema27 = {"$id":"PortBinding","type":"object","required":["Proto","Port"],"properties":{"Proto":{"type":"integer","minimum":0,"maximum":255},"IP":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"Port":{"type":"integer","minimum":0,"maximum":65535},"HostIP":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"HostPort":{"type":"integer","minimum":0,"maximum":65535},"HostPortEnd":{"type":"integer","minimum":0,"maximum":65535}}};
const pattern32 = new RegExp("^[\\s\\S]{1,4096}$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.Join" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))) || ((data.SandboxKey === undefined) && (missing0 = "SandboxKey"))){
validate20.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate20.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate20.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate20.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate20.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.SandboxKey !== undefined){
let data2 = data.SandboxKey;
const _errs5 = errors;
if(errors === _errs5){
if(typeof data2 === "string"){
if(!pattern32.test(data2)){
validate20.errors = [{instancePath:instancePath+"/SandboxKey",schemaPath:"#/properties/SandboxKey/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{1,4096}$"},message:"must match pattern \""+"^[\\s\\S]{1,4096}$"+"\""}];
return false;
}
}
else {
validate20.errors = [{instancePath:instancePath+"/SandboxKey",schemaPath:"#/properties/SandboxKey/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data3 = data.Options;
const _errs7 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate20.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema26.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs7){
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3["com.docker.network.portmap"] !== undefined){
let data4 = data3["com.docker.network.portmap"];
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap",schemaPath:"#/properties/Options/properties/com.docker.network.portmap/type",keyword:"type",params:{type: schema26.properties.Options.properties["com.docker.network.portmap"].type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid2 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
const _errs11 = errors;
const _errs12 = errors;
if(errors === _errs12){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
let missing1;
if(((data5.Proto === undefined) && (missing1 = "Proto")) || ((data5.Port === undefined) && (missing1 = "Port"))){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0,schemaPath:"PortBinding#/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data5.Proto !== undefined){
let data6 = data5.Proto;
const _errs14 = errors;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs14){
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 > 255 || isNaN(data6)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/maximum",keyword:"maximum",params:{comparison: "<=", limit: 255},message:"must be <= 255"}];
return false;
}
else {
if(data6 < 0 || isNaN(data6)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs14 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.IP !== undefined){
let data7 = data5.IP;
const _errs16 = errors;
if(errors === _errs16){
if(typeof data7 === "string"){
if(!pattern1.test(data7)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/IP",schemaPath:"PortBinding#/properties/IP/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/IP",schemaPath:"PortBinding#/properties/IP/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs16 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.Port !== undefined){
let data8 = data5.Port;
const _errs18 = errors;
if(!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs18){
if((typeof data8 == "number") && (isFinite(data8))){
if(data8 > 65535 || isNaN(data8)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data8 < 0 || isNaN(data8)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs18 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.HostIP !== undefined){
let data9 = data5.HostIP;
const _errs20 = errors;
if(errors === _errs20){
if(typeof data9 === "string"){
if(!pattern1.test(data9)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostIP",schemaPath:"PortBinding#/properties/HostIP/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostIP",schemaPath:"PortBinding#/properties/HostIP/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs20 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.HostPort !== undefined){
let data10 = data5.HostPort;
const _errs22 = errors;
if(!(((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10))) && (isFinite(data10)))){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs22){
if((typeof data10 == "number") && (isFinite(data10))){
if(data10 > 65535 || isNaN(data10)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data10 < 0 || isNaN(data10)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs22 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data5.HostPortEnd !== undefined){
let data11 = data5.HostPortEnd;
const _errs24 = errors;
if(!(((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11))) && (isFinite(data11)))){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs24){
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 > 65535 || isNaN(data11)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data11 < 0 || isNaN(data11)){
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs24 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
}
}
}
else {
validate20.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0,schemaPath:"PortBinding#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs11 === errors;
if(!valid2){
break;
}
}
}
}
}
}
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate20.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}

export const NetworkDriverLeave = validate21;
const schema28 = {"$id":"NetworkDriver.Leave","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.Leave" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate21.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate21.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate21.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate21.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

export const NetworkDriverDiscoverNew = validate22;
const schema29 = {"$id":"NetworkDriver.DiscoverNew","type":"object","properties":{"DiscoveryType":{"type":"integer"}}};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.DiscoverNew" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.DiscoveryType !== undefined){
let data0 = data.DiscoveryType;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
validate22.errors = [{instancePath:instancePath+"/DiscoveryType",schemaPath:"#/properties/DiscoveryType/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
}
}
else {
validate22.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}

export const NetworkDriverDiscoverDelete = validate23;
const schema30 = {"$id":"NetworkDriver.DiscoverDelete","type":"object","properties":{"DiscoveryType":{"type":"integer"}}};

function validate23(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.DiscoverDelete" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.DiscoveryType !== undefined){
let data0 = data.DiscoveryType;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
validate23.errors = [{instancePath:instancePath+"/DiscoveryType",schemaPath:"#/properties/DiscoveryType/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
}
}
else {
validate23.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate23.errors = vErrors;
return errors === 0;
}

export const NetworkDriverProgramExternalConnectivity = validate24;
const schema31 = {"$id":"NetworkDriver.ProgramExternalConnectivity","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"Options":{"type":["object","null"],"properties":{"com.docker.network.portmap":{"type":["array","null"],"items":{"$ref":"PortBinding#"}}}}}};

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.ProgramExternalConnectivity" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate24.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate24.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate24.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate24.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate24.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data2 = data.Options;
const _errs5 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate24.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema31.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2["com.docker.network.portmap"] !== undefined){
let data3 = data2["com.docker.network.portmap"];
const _errs7 = errors;
if((!(Array.isArray(data3))) && (data3 !== null)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap",schemaPath:"#/properties/Options/properties/com.docker.network.portmap/type",keyword:"type",params:{type: schema31.properties.Options.properties["com.docker.network.portmap"].type},message:"must be array,null"}];
return false;
}
if(errors === _errs7){
if(Array.isArray(data3)){
var valid2 = true;
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
const _errs9 = errors;
const _errs10 = errors;
if(errors === _errs10){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
let missing1;
if(((data4.Proto === undefined) && (missing1 = "Proto")) || ((data4.Port === undefined) && (missing1 = "Port"))){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0,schemaPath:"PortBinding#/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data4.Proto !== undefined){
let data5 = data4.Proto;
const _errs12 = errors;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs12){
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 > 255 || isNaN(data5)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/maximum",keyword:"maximum",params:{comparison: "<=", limit: 255},message:"must be <= 255"}];
return false;
}
else {
if(data5 < 0 || isNaN(data5)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Proto",schemaPath:"PortBinding#/properties/Proto/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs12 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.IP !== undefined){
let data6 = data4.IP;
const _errs14 = errors;
if(errors === _errs14){
if(typeof data6 === "string"){
if(!pattern1.test(data6)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/IP",schemaPath:"PortBinding#/properties/IP/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/IP",schemaPath:"PortBinding#/properties/IP/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs14 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.Port !== undefined){
let data7 = data4.Port;
const _errs16 = errors;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs16){
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 65535 || isNaN(data7)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data7 < 0 || isNaN(data7)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/Port",schemaPath:"PortBinding#/properties/Port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs16 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.HostIP !== undefined){
let data8 = data4.HostIP;
const _errs18 = errors;
if(errors === _errs18){
if(typeof data8 === "string"){
if(!pattern1.test(data8)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostIP",schemaPath:"PortBinding#/properties/HostIP/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostIP",schemaPath:"PortBinding#/properties/HostIP/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs18 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.HostPort !== undefined){
let data9 = data4.HostPort;
const _errs20 = errors;
if(!(((typeof data9 == "number") && (!(data9 % 1) && !isNaN(data9))) && (isFinite(data9)))){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs20){
if((typeof data9 == "number") && (isFinite(data9))){
if(data9 > 65535 || isNaN(data9)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data9 < 0 || isNaN(data9)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPort",schemaPath:"PortBinding#/properties/HostPort/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs20 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data4.HostPortEnd !== undefined){
let data10 = data4.HostPortEnd;
const _errs22 = errors;
if(!(((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10))) && (isFinite(data10)))){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs22){
if((typeof data10 == "number") && (isFinite(data10))){
if(data10 > 65535 || isNaN(data10)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"}];
return false;
}
else {
if(data10 < 0 || isNaN(data10)){
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0+"/HostPortEnd",schemaPath:"PortBinding#/properties/HostPortEnd/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs22 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
}
}
}
else {
validate24.errors = [{instancePath:instancePath+"/Options/com.docker.network.portmap/" + i0,schemaPath:"PortBinding#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs9 === errors;
if(!valid2){
break;
}
}
}
}
}
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate24.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate24.errors = vErrors;
return errors === 0;
}

export const NetworkDriverRevokeExternalConnectivity = validate25;
const schema33 = {"$id":"NetworkDriver.RevokeExternalConnectivity","type":"object","required":["NetworkID","EndpointID"],"properties":{"NetworkID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},"EndpointID":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"}}};

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="NetworkDriver.RevokeExternalConnectivity" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.NetworkID === undefined) && (missing0 = "NetworkID")) || ((data.EndpointID === undefined) && (missing0 = "EndpointID"))){
validate25.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.NetworkID !== undefined){
let data0 = data.NetworkID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate25.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/NetworkID",schemaPath:"#/properties/NetworkID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.EndpointID !== undefined){
let data1 = data.EndpointID;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate25.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"+"\""}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/EndpointID",schemaPath:"#/properties/EndpointID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate25.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate25.errors = vErrors;
return errors === 0;
}

export const IpamDriverGetCapabilities = validate26;
const schema34 = {"$id":"IpamDriver.GetCapabilities","type":"object","properties":{}};

function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.GetCapabilities" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(!(data && typeof data == "object" && !Array.isArray(data))){
validate26.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate26.errors = vErrors;
return errors === 0;
}

export const IpamDriverGetDefaultAddressSpaces = validate27;
const schema35 = {"$id":"IpamDriver.GetDefaultAddressSpaces","type":"object","properties":{}};

function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.GetDefaultAddressSpaces" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(!(data && typeof data == "object" && !Array.isArray(data))){
validate27.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate27.errors = vErrors;
return errors === 0;
}

export const IpamDriverRequestPool = validate28;
const schema36 = {"$id":"IpamDriver.RequestPool","type":"object","required":["AddressSpace"],"properties":{"AddressSpace":{"type":"string","pattern":"^[^/]{1,255}$"},"Pool":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"SubPool":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"Options":{"type":["object","null"],"additionalProperties":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"}},"V6":{"type":"boolean"}}};
const pattern43 = new RegExp("^[^/]{1,255}$", "u");

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.RequestPool" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.AddressSpace === undefined) && (missing0 = "AddressSpace")){
validate28.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.AddressSpace !== undefined){
let data0 = data.AddressSpace;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern43.test(data0)){
validate28.errors = [{instancePath:instancePath+"/AddressSpace",schemaPath:"#/properties/AddressSpace/pattern",keyword:"pattern",params:{pattern: "^[^/]{1,255}$"},message:"must match pattern \""+"^[^/]{1,255}$"+"\""}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/AddressSpace",schemaPath:"#/properties/AddressSpace/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Pool !== undefined){
let data1 = data.Pool;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern1.test(data1)){
validate28.errors = [{instancePath:instancePath+"/Pool",schemaPath:"#/properties/Pool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/Pool",schemaPath:"#/properties/Pool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.SubPool !== undefined){
let data2 = data.SubPool;
const _errs5 = errors;
if(errors === _errs5){
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
validate28.errors = [{instancePath:instancePath+"/SubPool",schemaPath:"#/properties/SubPool/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/SubPool",schemaPath:"#/properties/SubPool/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data3 = data.Options;
const _errs7 = errors;
if((!(data3 && typeof data3 == "object" && !Array.isArray(data3))) && (data3 !== null)){
validate28.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema36.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs7){
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key0 in data3){
let data4 = data3[key0];
const _errs10 = errors;
if(errors === _errs10){
if(typeof data4 === "string"){
if(!pattern1.test(data4)){
validate28.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs10 === errors;
if(!valid1){
break;
}
}
}
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.V6 !== undefined){
const _errs12 = errors;
if(typeof data.V6 !== "boolean"){
validate28.errors = [{instancePath:instancePath+"/V6",schemaPath:"#/properties/V6/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
else {
validate28.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate28.errors = vErrors;
return errors === 0;
}

export const IpamDriverReleasePool = validate29;
const schema37 = {"$id":"IpamDriver.ReleasePool","type":"object","required":["PoolID"],"properties":{"PoolID":{"type":"string","pattern":"^[\\s\\S]{1,4096}$"}}};

function validate29(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.ReleasePool" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.PoolID === undefined) && (missing0 = "PoolID")){
validate29.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.PoolID !== undefined){
let data0 = data.PoolID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern32.test(data0)){
validate29.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{1,4096}$"},message:"must match pattern \""+"^[\\s\\S]{1,4096}$"+"\""}];
return false;
}
}
else {
validate29.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
}
}
}
else {
validate29.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate29.errors = vErrors;
return errors === 0;
}

export const IpamDriverRequestAddress = validate30;
const schema38 = {"$id":"IpamDriver.RequestAddress","type":"object","required":["PoolID"],"properties":{"PoolID":{"type":"string","pattern":"^[\\s\\S]{1,4096}$"},"Address":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"},"Options":{"type":["object","null"],"additionalProperties":{"type":"string","pattern":"^[\\s\\S]{0,4096}$"}}}};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.RequestAddress" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.PoolID === undefined) && (missing0 = "PoolID")){
validate30.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.PoolID !== undefined){
let data0 = data.PoolID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern32.test(data0)){
validate30.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{1,4096}$"},message:"must match pattern \""+"^[\\s\\S]{1,4096}$"+"\""}];
return false;
}
}
else {
validate30.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Address !== undefined){
let data1 = data.Address;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern1.test(data1)){
validate30.errors = [{instancePath:instancePath+"/Address",schemaPath:"#/properties/Address/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate30.errors = [{instancePath:instancePath+"/Address",schemaPath:"#/properties/Address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Options !== undefined){
let data2 = data.Options;
const _errs5 = errors;
if((!(data2 && typeof data2 == "object" && !Array.isArray(data2))) && (data2 !== null)){
validate30.errors = [{instancePath:instancePath+"/Options",schemaPath:"#/properties/Options/type",keyword:"type",params:{type: schema38.properties.Options.type},message:"must be object,null"}];
return false;
}
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key0 in data2){
let data3 = data2[key0];
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(!pattern1.test(data3)){
validate30.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{0,4096}$"},message:"must match pattern \""+"^[\\s\\S]{0,4096}$"+"\""}];
return false;
}
}
else {
validate30.errors = [{instancePath:instancePath+"/Options/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/Options/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs8 === errors;
if(!valid1){
break;
}
}
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate30.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate30.errors = vErrors;
return errors === 0;
}

export const IpamDriverReleaseAddress = validate31;
const schema39 = {"$id":"IpamDriver.ReleaseAddress","type":"object","required":["PoolID","Address"],"properties":{"PoolID":{"type":"string","pattern":"^[\\s\\S]{1,4096}$"},"Address":{"type":"string","pattern":"^[\\s\\S]{1,4096}$"}}};

function validate31(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="IpamDriver.ReleaseAddress" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.PoolID === undefined) && (missing0 = "PoolID")) || ((data.Address === undefined) && (missing0 = "Address"))){
validate31.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.PoolID !== undefined){
let data0 = data.PoolID;
const _errs1 = errors;
if(errors === _errs1){
if(typeof data0 === "string"){
if(!pattern32.test(data0)){
validate31.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{1,4096}$"},message:"must match pattern \""+"^[\\s\\S]{1,4096}$"+"\""}];
return false;
}
}
else {
validate31.errors = [{instancePath:instancePath+"/PoolID",schemaPath:"#/properties/PoolID/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.Address !== undefined){
let data1 = data.Address;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern32.test(data1)){
validate31.errors = [{instancePath:instancePath+"/Address",schemaPath:"#/properties/Address/pattern",keyword:"pattern",params:{pattern: "^[\\s\\S]{1,4096}$"},message:"must match pattern \""+"^[\\s\\S]{1,4096}$"+"\""}];
return false;
}
}
else {
validate31.errors = [{instancePath:instancePath+"/Address",schemaPath:"#/properties/Address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate31.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate31.errors = vErrors;
return errors === 0;
}
