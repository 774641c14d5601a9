// @ts-nocheck
// Made by scripts/generate-validators.ts from runtime/images/schemas/*.json; not to be edited.
"use strict";
export const dockerArchiveManifest = validate10;
const schema11 = {"$id":"docker-archive-manifest","description":"manifest.json of `docker save`; moby image/tarexport.","type":"array","items":{"type":"object","required":["Config","Layers"],"properties":{"Config":{"type":"string","pattern":"^[^\\u0000]+$"},"RepoTags":{"type":["array","null"],"items":{"type":"string"}},"Layers":{"type":["array","null"],"items":{"type":"string","pattern":"^[^\\u0000]+$"}}}}};
const pattern0 = new RegExp("^[^\\u0000]+$", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="docker-archive-manifest" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(Array.isArray(data)){
var valid0 = true;
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
const _errs1 = errors;
if(errors === _errs1){
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
let missing0;
if(((data0.Config === undefined) && (missing0 = "Config")) || ((data0.Layers === undefined) && (missing0 = "Layers"))){
validate10.errors = [{instancePath:instancePath+"/" + i0,schemaPath:"#/items/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data0.Config !== undefined){
let data1 = data0.Config;
const _errs3 = errors;
if(errors === _errs3){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate10.errors = [{instancePath:instancePath+"/" + i0+"/Config",schemaPath:"#/items/properties/Config/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]+$"},message:"must match pattern \""+"^[^\\u0000]+$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/" + i0+"/Config",schemaPath:"#/items/properties/Config/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs3 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data0.RepoTags !== undefined){
let data2 = data0.RepoTags;
const _errs5 = errors;
if((!(Array.isArray(data2))) && (data2 !== null)){
validate10.errors = [{instancePath:instancePath+"/" + i0+"/RepoTags",schemaPath:"#/items/properties/RepoTags/type",keyword:"type",params:{type: schema11.items.properties.RepoTags.type},message:"must be array,null"}];
return false;
}
if(errors === _errs5){
if(Array.isArray(data2)){
var valid2 = true;
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
const _errs7 = errors;
if(typeof data2[i1] !== "string"){
validate10.errors = [{instancePath:instancePath+"/" + i0+"/RepoTags/" + i1,schemaPath:"#/items/properties/RepoTags/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs7 === errors;
if(!valid2){
break;
}
}
}
}
var valid1 = _errs5 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data0.Layers !== undefined){
let data4 = data0.Layers;
const _errs9 = errors;
if((!(Array.isArray(data4))) && (data4 !== null)){
validate10.errors = [{instancePath:instancePath+"/" + i0+"/Layers",schemaPath:"#/items/properties/Layers/type",keyword:"type",params:{type: schema11.items.properties.Layers.type},message:"must be array,null"}];
return false;
}
if(errors === _errs9){
if(Array.isArray(data4)){
var valid3 = true;
const len2 = data4.length;
for(let i2=0; i2<len2; i2++){
let data5 = data4[i2];
const _errs11 = errors;
if(errors === _errs11){
if(typeof data5 === "string"){
if(!pattern0.test(data5)){
validate10.errors = [{instancePath:instancePath+"/" + i0+"/Layers/" + i2,schemaPath:"#/items/properties/Layers/items/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]+$"},message:"must match pattern \""+"^[^\\u0000]+$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/" + i0+"/Layers/" + i2,schemaPath:"#/items/properties/Layers/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs11 === errors;
if(!valid3){
break;
}
}
}
}
var valid1 = _errs9 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/" + i0,schemaPath:"#/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
break;
}
}
}
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

export const imageConfig = validate11;
const schema12 = {"$id":"image-config","description":"An image configuration; image-spec config.md, with Docker's additions. Optional fields may be null.","type":"object","required":["architecture","os","rootfs"],"properties":{"architecture":{"type":"string"},"os":{"type":"string"},"variant":{"type":["string","null"]},"created":{"type":["string","null"]},"config":{"type":["object","null"],"properties":{"User":{"type":["string","null"]},"ExposedPorts":{"type":["object","null"]},"Env":{"type":["array","null"],"items":{"type":"string","pattern":"^[^\\u0000=]+(=[^\\u0000]*)?$"}},"Entrypoint":{"type":["array","null"],"items":{"type":"string","pattern":"^[^\\u0000]*$"}},"Cmd":{"type":["array","null"],"items":{"type":"string","pattern":"^[^\\u0000]*$"}},"Volumes":{"type":["object","null"],"propertyNames":{"pattern":"^[^\\u0000]+$"}},"WorkingDir":{"type":["string","null"],"pattern":"^[^\\u0000]*$"},"Labels":{"type":["object","null"],"additionalProperties":{"type":"string"}},"StopSignal":{"type":["string","null"]}}},"rootfs":{"type":"object","required":["type"],"properties":{"type":{"enum":["layers"]},"diff_ids":{"type":["array","null"],"items":{"type":"string","pattern":"^sha256:[0-9a-f]{64}$"}}}},"history":{"type":["array","null"],"items":{"type":"object"}}}};
const pattern2 = new RegExp("^[^\\u0000=]+(=[^\\u0000]*)?$", "u");
const pattern3 = new RegExp("^[^\\u0000]*$", "u");
const pattern7 = new RegExp("^sha256:[0-9a-f]{64}$", "u");

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="image-config" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.architecture === undefined) && (missing0 = "architecture")) || ((data.os === undefined) && (missing0 = "os"))) || ((data.rootfs === undefined) && (missing0 = "rootfs"))){
validate11.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.architecture !== undefined){
const _errs1 = errors;
if(typeof data.architecture !== "string"){
validate11.errors = [{instancePath:instancePath+"/architecture",schemaPath:"#/properties/architecture/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.os !== undefined){
const _errs3 = errors;
if(typeof data.os !== "string"){
validate11.errors = [{instancePath:instancePath+"/os",schemaPath:"#/properties/os/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.variant !== undefined){
let data2 = data.variant;
const _errs5 = errors;
if((typeof data2 !== "string") && (data2 !== null)){
validate11.errors = [{instancePath:instancePath+"/variant",schemaPath:"#/properties/variant/type",keyword:"type",params:{type: schema12.properties.variant.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.created !== undefined){
let data3 = data.created;
const _errs7 = errors;
if((typeof data3 !== "string") && (data3 !== null)){
validate11.errors = [{instancePath:instancePath+"/created",schemaPath:"#/properties/created/type",keyword:"type",params:{type: schema12.properties.created.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.config !== undefined){
let data4 = data.config;
const _errs9 = errors;
if((!(data4 && typeof data4 == "object" && !Array.isArray(data4))) && (data4 !== null)){
validate11.errors = [{instancePath:instancePath+"/config",schemaPath:"#/properties/config/type",keyword:"type",params:{type: schema12.properties.config.type},message:"must be object,null"}];
return false;
}
if(errors === _errs9){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.User !== undefined){
let data5 = data4.User;
const _errs11 = errors;
if((typeof data5 !== "string") && (data5 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/User",schemaPath:"#/properties/config/properties/User/type",keyword:"type",params:{type: schema12.properties.config.properties.User.type},message:"must be string,null"}];
return false;
}
var valid1 = _errs11 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.ExposedPorts !== undefined){
let data6 = data4.ExposedPorts;
const _errs13 = errors;
if((!(data6 && typeof data6 == "object" && !Array.isArray(data6))) && (data6 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/ExposedPorts",schemaPath:"#/properties/config/properties/ExposedPorts/type",keyword:"type",params:{type: schema12.properties.config.properties.ExposedPorts.type},message:"must be object,null"}];
return false;
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.Env !== undefined){
let data7 = data4.Env;
const _errs15 = errors;
if((!(Array.isArray(data7))) && (data7 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/Env",schemaPath:"#/properties/config/properties/Env/type",keyword:"type",params:{type: schema12.properties.config.properties.Env.type},message:"must be array,null"}];
return false;
}
if(errors === _errs15){
if(Array.isArray(data7)){
var valid2 = true;
const len0 = data7.length;
for(let i0=0; i0<len0; i0++){
let data8 = data7[i0];
const _errs17 = errors;
if(errors === _errs17){
if(typeof data8 === "string"){
if(!pattern2.test(data8)){
validate11.errors = [{instancePath:instancePath+"/config/Env/" + i0,schemaPath:"#/properties/config/properties/Env/items/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000=]+(=[^\\u0000]*)?$"},message:"must match pattern \""+"^[^\\u0000=]+(=[^\\u0000]*)?$"+"\""}];
return false;
}
}
else {
validate11.errors = [{instancePath:instancePath+"/config/Env/" + i0,schemaPath:"#/properties/config/properties/Env/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs17 === errors;
if(!valid2){
break;
}
}
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.Entrypoint !== undefined){
let data9 = data4.Entrypoint;
const _errs19 = errors;
if((!(Array.isArray(data9))) && (data9 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/Entrypoint",schemaPath:"#/properties/config/properties/Entrypoint/type",keyword:"type",params:{type: schema12.properties.config.properties.Entrypoint.type},message:"must be array,null"}];
return false;
}
if(errors === _errs19){
if(Array.isArray(data9)){
var valid3 = true;
const len1 = data9.length;
for(let i1=0; i1<len1; i1++){
let data10 = data9[i1];
const _errs21 = errors;
if(errors === _errs21){
if(typeof data10 === "string"){
if(!pattern3.test(data10)){
validate11.errors = [{instancePath:instancePath+"/config/Entrypoint/" + i1,schemaPath:"#/properties/config/properties/Entrypoint/items/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]*$"},message:"must match pattern \""+"^[^\\u0000]*$"+"\""}];
return false;
}
}
else {
validate11.errors = [{instancePath:instancePath+"/config/Entrypoint/" + i1,schemaPath:"#/properties/config/properties/Entrypoint/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs21 === errors;
if(!valid3){
break;
}
}
}
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.Cmd !== undefined){
let data11 = data4.Cmd;
const _errs23 = errors;
if((!(Array.isArray(data11))) && (data11 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/Cmd",schemaPath:"#/properties/config/properties/Cmd/type",keyword:"type",params:{type: schema12.properties.config.properties.Cmd.type},message:"must be array,null"}];
return false;
}
if(errors === _errs23){
if(Array.isArray(data11)){
var valid4 = true;
const len2 = data11.length;
for(let i2=0; i2<len2; i2++){
let data12 = data11[i2];
const _errs25 = errors;
if(errors === _errs25){
if(typeof data12 === "string"){
if(!pattern3.test(data12)){
validate11.errors = [{instancePath:instancePath+"/config/Cmd/" + i2,schemaPath:"#/properties/config/properties/Cmd/items/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]*$"},message:"must match pattern \""+"^[^\\u0000]*$"+"\""}];
return false;
}
}
else {
validate11.errors = [{instancePath:instancePath+"/config/Cmd/" + i2,schemaPath:"#/properties/config/properties/Cmd/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs25 === errors;
if(!valid4){
break;
}
}
}
}
var valid1 = _errs23 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.Volumes !== undefined){
let data13 = data4.Volumes;
const _errs27 = errors;
if((!(data13 && typeof data13 == "object" && !Array.isArray(data13))) && (data13 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/Volumes",schemaPath:"#/properties/config/properties/Volumes/type",keyword:"type",params:{type: schema12.properties.config.properties.Volumes.type},message:"must be object,null"}];
return false;
}
if(errors === _errs27){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key0 in data13){
const _errs29 = errors;
if(typeof key0 === "string"){
if(!pattern0.test(key0)){
const err0 = {instancePath:instancePath+"/config/Volumes",schemaPath:"#/properties/config/properties/Volumes/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]+$"},message:"must match pattern \""+"^[^\\u0000]+$"+"\"",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid5 = _errs29 === errors;
if(!valid5){
const err1 = {instancePath:instancePath+"/config/Volumes",schemaPath:"#/properties/config/properties/Volumes/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate11.errors = vErrors;
return false;
break;
}
}
}
}
var valid1 = _errs27 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.WorkingDir !== undefined){
let data14 = data4.WorkingDir;
const _errs30 = errors;
if((typeof data14 !== "string") && (data14 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/WorkingDir",schemaPath:"#/properties/config/properties/WorkingDir/type",keyword:"type",params:{type: schema12.properties.config.properties.WorkingDir.type},message:"must be string,null"}];
return false;
}
if(errors === _errs30){
if(typeof data14 === "string"){
if(!pattern3.test(data14)){
validate11.errors = [{instancePath:instancePath+"/config/WorkingDir",schemaPath:"#/properties/config/properties/WorkingDir/pattern",keyword:"pattern",params:{pattern: "^[^\\u0000]*$"},message:"must match pattern \""+"^[^\\u0000]*$"+"\""}];
return false;
}
}
}
var valid1 = _errs30 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.Labels !== undefined){
let data15 = data4.Labels;
const _errs32 = errors;
if((!(data15 && typeof data15 == "object" && !Array.isArray(data15))) && (data15 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/Labels",schemaPath:"#/properties/config/properties/Labels/type",keyword:"type",params:{type: schema12.properties.config.properties.Labels.type},message:"must be object,null"}];
return false;
}
if(errors === _errs32){
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key1 in data15){
const _errs35 = errors;
if(typeof data15[key1] !== "string"){
validate11.errors = [{instancePath:instancePath+"/config/Labels/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/config/properties/Labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid6 = _errs35 === errors;
if(!valid6){
break;
}
}
}
}
var valid1 = _errs32 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.StopSignal !== undefined){
let data17 = data4.StopSignal;
const _errs37 = errors;
if((typeof data17 !== "string") && (data17 !== null)){
validate11.errors = [{instancePath:instancePath+"/config/StopSignal",schemaPath:"#/properties/config/properties/StopSignal/type",keyword:"type",params:{type: schema12.properties.config.properties.StopSignal.type},message:"must be string,null"}];
return false;
}
var valid1 = _errs37 === errors;
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
}
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.rootfs !== undefined){
let data18 = data.rootfs;
const _errs39 = errors;
if(errors === _errs39){
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
let missing1;
if((data18.type === undefined) && (missing1 = "type")){
validate11.errors = [{instancePath:instancePath+"/rootfs",schemaPath:"#/properties/rootfs/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data18.type !== undefined){
const _errs41 = errors;
if(!(data18.type === "layers")){
validate11.errors = [{instancePath:instancePath+"/rootfs/type",schemaPath:"#/properties/rootfs/properties/type/enum",keyword:"enum",params:{allowedValues: schema12.properties.rootfs.properties.type.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid7 = _errs41 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data18.diff_ids !== undefined){
let data20 = data18.diff_ids;
const _errs42 = errors;
if((!(Array.isArray(data20))) && (data20 !== null)){
validate11.errors = [{instancePath:instancePath+"/rootfs/diff_ids",schemaPath:"#/properties/rootfs/properties/diff_ids/type",keyword:"type",params:{type: schema12.properties.rootfs.properties.diff_ids.type},message:"must be array,null"}];
return false;
}
if(errors === _errs42){
if(Array.isArray(data20)){
var valid8 = true;
const len3 = data20.length;
for(let i3=0; i3<len3; i3++){
let data21 = data20[i3];
const _errs44 = errors;
if(errors === _errs44){
if(typeof data21 === "string"){
if(!pattern7.test(data21)){
validate11.errors = [{instancePath:instancePath+"/rootfs/diff_ids/" + i3,schemaPath:"#/properties/rootfs/properties/diff_ids/items/pattern",keyword:"pattern",params:{pattern: "^sha256:[0-9a-f]{64}$"},message:"must match pattern \""+"^sha256:[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate11.errors = [{instancePath:instancePath+"/rootfs/diff_ids/" + i3,schemaPath:"#/properties/rootfs/properties/diff_ids/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid8 = _errs44 === errors;
if(!valid8){
break;
}
}
}
}
var valid7 = _errs42 === errors;
}
else {
var valid7 = true;
}
}
}
}
else {
validate11.errors = [{instancePath:instancePath+"/rootfs",schemaPath:"#/properties/rootfs/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs39 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.history !== undefined){
let data22 = data.history;
const _errs46 = errors;
if((!(Array.isArray(data22))) && (data22 !== null)){
validate11.errors = [{instancePath:instancePath+"/history",schemaPath:"#/properties/history/type",keyword:"type",params:{type: schema12.properties.history.type},message:"must be array,null"}];
return false;
}
if(errors === _errs46){
if(Array.isArray(data22)){
var valid9 = true;
const len4 = data22.length;
for(let i4=0; i4<len4; i4++){
let data23 = data22[i4];
const _errs48 = errors;
if(!(data23 && typeof data23 == "object" && !Array.isArray(data23))){
validate11.errors = [{instancePath:instancePath+"/history/" + i4,schemaPath:"#/properties/history/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid9 = _errs48 === errors;
if(!valid9){
break;
}
}
}
}
var valid0 = _errs46 === errors;
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
}
}
else {
validate11.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}

export const ociIndex = validate12;
const schema13 = {"$id":"oci-index","description":"index.json, nested image indexes and Docker manifest lists; image-spec image-index.md.","type":"object","required":["schemaVersion","manifests"],"properties":{"schemaVersion":{"enum":[2]},"mediaType":{"type":"string"},"manifests":{"type":"array","items":{"$ref":"#/definitions/descriptor"}}},"definitions":{"descriptor":{"type":"object","required":["mediaType","digest","size"],"properties":{"mediaType":{"type":"string"},"digest":{"type":"string","pattern":"^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"},"size":{"type":"integer","minimum":0},"artifactType":{"type":"string"},"annotations":{"type":["object","null"],"additionalProperties":{"type":"string"}},"platform":{"type":["object","null"],"required":["os","architecture"],"properties":{"os":{"type":"string"},"architecture":{"type":"string"},"variant":{"type":"string"}}}}}}};
const schema14 = {"type":"object","required":["mediaType","digest","size"],"properties":{"mediaType":{"type":"string"},"digest":{"type":"string","pattern":"^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"},"size":{"type":"integer","minimum":0},"artifactType":{"type":"string"},"annotations":{"type":["object","null"],"additionalProperties":{"type":"string"}},"platform":{"type":["object","null"],"required":["os","architecture"],"properties":{"os":{"type":"string"},"architecture":{"type":"string"},"variant":{"type":"string"}}}}};
const pattern8 = new RegExp("^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$", "u");

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="oci-index" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.schemaVersion === undefined) && (missing0 = "schemaVersion")) || ((data.manifests === undefined) && (missing0 = "manifests"))){
validate12.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.schemaVersion !== undefined){
const _errs1 = errors;
if(!(data.schemaVersion === 2)){
validate12.errors = [{instancePath:instancePath+"/schemaVersion",schemaPath:"#/properties/schemaVersion/enum",keyword:"enum",params:{allowedValues: schema13.properties.schemaVersion.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.mediaType !== undefined){
const _errs2 = errors;
if(typeof data.mediaType !== "string"){
validate12.errors = [{instancePath:instancePath+"/mediaType",schemaPath:"#/properties/mediaType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.manifests !== undefined){
let data2 = data.manifests;
const _errs4 = errors;
if(errors === _errs4){
if(Array.isArray(data2)){
var valid1 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
const _errs6 = errors;
const _errs7 = errors;
if(errors === _errs7){
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing1;
if((((data3.mediaType === undefined) && (missing1 = "mediaType")) || ((data3.digest === undefined) && (missing1 = "digest"))) || ((data3.size === undefined) && (missing1 = "size"))){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0,schemaPath:"#/definitions/descriptor/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data3.mediaType !== undefined){
const _errs9 = errors;
if(typeof data3.mediaType !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/mediaType",schemaPath:"#/definitions/descriptor/properties/mediaType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs9 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.digest !== undefined){
let data5 = data3.digest;
const _errs11 = errors;
if(errors === _errs11){
if(typeof data5 === "string"){
if(!pattern8.test(data5)){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/digest",schemaPath:"#/definitions/descriptor/properties/digest/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"},message:"must match pattern \""+"^[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$"+"\""}];
return false;
}
}
else {
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/digest",schemaPath:"#/definitions/descriptor/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs11 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.size !== undefined){
let data6 = data3.size;
const _errs13 = errors;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/size",schemaPath:"#/definitions/descriptor/properties/size/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs13){
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 < 0 || isNaN(data6)){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/size",schemaPath:"#/definitions/descriptor/properties/size/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
var valid3 = _errs13 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.artifactType !== undefined){
const _errs15 = errors;
if(typeof data3.artifactType !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/artifactType",schemaPath:"#/definitions/descriptor/properties/artifactType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs15 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.annotations !== undefined){
let data8 = data3.annotations;
const _errs17 = errors;
if((!(data8 && typeof data8 == "object" && !Array.isArray(data8))) && (data8 !== null)){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/annotations",schemaPath:"#/definitions/descriptor/properties/annotations/type",keyword:"type",params:{type: schema14.properties.annotations.type},message:"must be object,null"}];
return false;
}
if(errors === _errs17){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key0 in data8){
const _errs20 = errors;
if(typeof data8[key0] !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/annotations/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/descriptor/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid4 = _errs20 === errors;
if(!valid4){
break;
}
}
}
}
var valid3 = _errs17 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.platform !== undefined){
let data10 = data3.platform;
const _errs22 = errors;
if((!(data10 && typeof data10 == "object" && !Array.isArray(data10))) && (data10 !== null)){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/platform",schemaPath:"#/definitions/descriptor/properties/platform/type",keyword:"type",params:{type: schema14.properties.platform.type},message:"must be object,null"}];
return false;
}
if(errors === _errs22){
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
let missing2;
if(((data10.os === undefined) && (missing2 = "os")) || ((data10.architecture === undefined) && (missing2 = "architecture"))){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/platform",schemaPath:"#/definitions/descriptor/properties/platform/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
if(data10.os !== undefined){
const _errs24 = errors;
if(typeof data10.os !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/platform/os",schemaPath:"#/definitions/descriptor/properties/platform/properties/os/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs24 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data10.architecture !== undefined){
const _errs26 = errors;
if(typeof data10.architecture !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/platform/architecture",schemaPath:"#/definitions/descriptor/properties/platform/properties/architecture/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs26 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data10.variant !== undefined){
const _errs28 = errors;
if(typeof data10.variant !== "string"){
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0+"/platform/variant",schemaPath:"#/definitions/descriptor/properties/platform/properties/variant/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs28 === errors;
}
else {
var valid5 = true;
}
}
}
}
}
}
var valid3 = _errs22 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
else {
validate12.errors = [{instancePath:instancePath+"/manifests/" + i0,schemaPath:"#/definitions/descriptor/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs6 === errors;
if(!valid1){
break;
}
}
}
else {
validate12.errors = [{instancePath:instancePath+"/manifests",schemaPath:"#/properties/manifests/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
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

export const ociManifest = validate13;
const schema15 = {"$id":"oci-manifest","description":"An image manifest; image-spec manifest.md, and Docker's schema 2 twin.","type":"object","required":["schemaVersion","config","layers"],"properties":{"schemaVersion":{"enum":[2]},"mediaType":{"type":"string"},"config":{"$ref":"#/definitions/descriptor"},"layers":{"type":"array","items":{"$ref":"#/definitions/descriptor"}}},"definitions":{"descriptor":{"type":"object","required":["mediaType","digest","size"],"properties":{"mediaType":{"type":"string"},"digest":{"type":"string","pattern":"^sha256:[0-9a-f]{64}$"},"size":{"type":"integer","minimum":0}}}}};
const schema16 = {"type":"object","required":["mediaType","digest","size"],"properties":{"mediaType":{"type":"string"},"digest":{"type":"string","pattern":"^sha256:[0-9a-f]{64}$"},"size":{"type":"integer","minimum":0}}};

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="oci-manifest" */;
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.schemaVersion === undefined) && (missing0 = "schemaVersion")) || ((data.config === undefined) && (missing0 = "config"))) || ((data.layers === undefined) && (missing0 = "layers"))){
validate13.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.schemaVersion !== undefined){
const _errs1 = errors;
if(!(data.schemaVersion === 2)){
validate13.errors = [{instancePath:instancePath+"/schemaVersion",schemaPath:"#/properties/schemaVersion/enum",keyword:"enum",params:{allowedValues: schema15.properties.schemaVersion.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.mediaType !== undefined){
const _errs2 = errors;
if(typeof data.mediaType !== "string"){
validate13.errors = [{instancePath:instancePath+"/mediaType",schemaPath:"#/properties/mediaType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.config !== undefined){
let data2 = data.config;
const _errs4 = errors;
const _errs5 = errors;
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
let missing1;
if((((data2.mediaType === undefined) && (missing1 = "mediaType")) || ((data2.digest === undefined) && (missing1 = "digest"))) || ((data2.size === undefined) && (missing1 = "size"))){
validate13.errors = [{instancePath:instancePath+"/config",schemaPath:"#/definitions/descriptor/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data2.mediaType !== undefined){
const _errs7 = errors;
if(typeof data2.mediaType !== "string"){
validate13.errors = [{instancePath:instancePath+"/config/mediaType",schemaPath:"#/definitions/descriptor/properties/mediaType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs7 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.digest !== undefined){
let data4 = data2.digest;
const _errs9 = errors;
if(errors === _errs9){
if(typeof data4 === "string"){
if(!pattern7.test(data4)){
validate13.errors = [{instancePath:instancePath+"/config/digest",schemaPath:"#/definitions/descriptor/properties/digest/pattern",keyword:"pattern",params:{pattern: "^sha256:[0-9a-f]{64}$"},message:"must match pattern \""+"^sha256:[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/config/digest",schemaPath:"#/definitions/descriptor/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs9 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data2.size !== undefined){
let data5 = data2.size;
const _errs11 = errors;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
validate13.errors = [{instancePath:instancePath+"/config/size",schemaPath:"#/definitions/descriptor/properties/size/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs11){
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 < 0 || isNaN(data5)){
validate13.errors = [{instancePath:instancePath+"/config/size",schemaPath:"#/definitions/descriptor/properties/size/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
var valid2 = _errs11 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
else {
validate13.errors = [{instancePath:instancePath+"/config",schemaPath:"#/definitions/descriptor/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.layers !== undefined){
let data6 = data.layers;
const _errs13 = errors;
if(errors === _errs13){
if(Array.isArray(data6)){
var valid3 = true;
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
let data7 = data6[i0];
const _errs15 = errors;
const _errs16 = errors;
if(errors === _errs16){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
let missing2;
if((((data7.mediaType === undefined) && (missing2 = "mediaType")) || ((data7.digest === undefined) && (missing2 = "digest"))) || ((data7.size === undefined) && (missing2 = "size"))){
validate13.errors = [{instancePath:instancePath+"/layers/" + i0,schemaPath:"#/definitions/descriptor/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
if(data7.mediaType !== undefined){
const _errs18 = errors;
if(typeof data7.mediaType !== "string"){
validate13.errors = [{instancePath:instancePath+"/layers/" + i0+"/mediaType",schemaPath:"#/definitions/descriptor/properties/mediaType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs18 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data7.digest !== undefined){
let data9 = data7.digest;
const _errs20 = errors;
if(errors === _errs20){
if(typeof data9 === "string"){
if(!pattern7.test(data9)){
validate13.errors = [{instancePath:instancePath+"/layers/" + i0+"/digest",schemaPath:"#/definitions/descriptor/properties/digest/pattern",keyword:"pattern",params:{pattern: "^sha256:[0-9a-f]{64}$"},message:"must match pattern \""+"^sha256:[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate13.errors = [{instancePath:instancePath+"/layers/" + i0+"/digest",schemaPath:"#/definitions/descriptor/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid5 = _errs20 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data7.size !== undefined){
let data10 = data7.size;
const _errs22 = errors;
if(!(((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10))) && (isFinite(data10)))){
validate13.errors = [{instancePath:instancePath+"/layers/" + i0+"/size",schemaPath:"#/definitions/descriptor/properties/size/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs22){
if((typeof data10 == "number") && (isFinite(data10))){
if(data10 < 0 || isNaN(data10)){
validate13.errors = [{instancePath:instancePath+"/layers/" + i0+"/size",schemaPath:"#/definitions/descriptor/properties/size/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
var valid5 = _errs22 === errors;
}
else {
var valid5 = true;
}
}
}
}
}
else {
validate13.errors = [{instancePath:instancePath+"/layers/" + i0,schemaPath:"#/definitions/descriptor/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid3 = _errs15 === errors;
if(!valid3){
break;
}
}
}
else {
validate13.errors = [{instancePath:instancePath+"/layers",schemaPath:"#/properties/layers/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs13 === errors;
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
